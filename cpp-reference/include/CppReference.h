// The OpenCV reference behind one C header: plain pointers, sizes and strides.
//
// Images are 8-bit, channels last, colour as RGB(A). A stride is the bytes from one row to the next.
// Functions return 0, or non-zero where OpenCV refused; cppref_last_error() then says why.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Rows of pixels to read.
typedef struct {
  const uint8_t *data;
  int width, height, channels;
  ptrdiff_t stride;
} cppref_image;

/// Rows of pixels to write.
typedef struct {
  uint8_t *data;
  int width, height, channels;
  ptrdiff_t stride;
} cppref_output;

/// OpenCV's version: "4.6.0".
const char *cppref_version(void);
/// The number of threads OpenCV may use; 1 means the calling thread alone.
void cppref_set_threads(int threads);
/// What the calling thread's last failed call said.
const char *cppref_last_error(void);

/// cv::imread(IMREAD_COLOR) in RGB order, or IMREAD_GRAYSCALE. `out->data` is to be freed with
/// cppref_free.
int cppref_imread(const char *path, int gray, cppref_output *out);
/// cv::imdecode, likewise.
int cppref_imdecode(const uint8_t *bytes, size_t size, int gray, cppref_output *out);
/// cv::imencode of RGB, RGBA or gray samples of 8 or 16 bits to a kind of file (".tiff"), with
/// `count` `parameters` of cv::ImwriteFlags and values. `out->data` holds `out->width` bytes.
int cppref_imencode(const char *extension, cppref_image src, int bits, const int *parameters,
                    size_t count, cppref_output *out);
void cppref_free(void *data);

enum cppref_interpolation {
  CPPREF_NEAREST = 0,
  CPPREF_LINEAR = 1,
  CPPREF_AREA = 2,
  CPPREF_CUBIC = 3
};

/// cv::resize to the size of `dst`.
int cppref_resize(cppref_image src, cppref_output dst, int interpolation);
/// cv::flip: `axis` 1 exchanges left and right, 0 top and bottom, -1 both.
int cppref_flip(cppref_image src, cppref_output dst, int axis);
/// Copies the part of `dst`'s size at (x, y).
int cppref_crop(cppref_image src, cppref_output dst, int x, int y);
/// cv::copyMakeBorder with BORDER_CONSTANT: `src` at (x, y) of `dst`, one value a channel around it.
int cppref_border(cppref_image src, cppref_output dst, int x, int y, const uint8_t *value);
/// cv::resize keeping the aspect ratio, then cv::copyMakeBorder: `src` in the middle of `dst`.
int cppref_letterbox(cppref_image src, cppref_output dst, int interpolation, const uint8_t *value);

enum cppref_border_mode {
  CPPREF_CONSTANT = 0,
  CPPREF_REFLECT = 1,
  CPPREF_REFLECT_101 = 2,
};

/// cv::warpAffine with a 2x3 matrix from `src` to `dst`; nearest or linear.
int cppref_warp_affine(cppref_image src, cppref_output dst, const double *matrix, int interpolation,
                       int border, const uint8_t *value);
/// cv::warpPerspective with a 3x3 matrix from `src` to `dst`; nearest or linear.
int cppref_warp_perspective(cppref_image src, cppref_output dst, const double *matrix,
                            int interpolation, int border, const uint8_t *value);
/// cv::getRotationMatrix2D: `matrix` gets 2x3 numbers.
int cppref_rotation_matrix(double x, double y, double degrees, double scale, double *matrix);
/// A mosaic: the four parts, each resized (cv::resize) into its quadrant about (x, y) of `dst`; upper
/// left, upper right, lower left, lower right.
int cppref_mosaic(const cppref_image parts[4], cppref_output dst, int x, int y, int interpolation);
/// cv::Mat::setTo on the part of width * height pixels at (x, y), what lies outside left out.
int cppref_erase(cppref_output dst, int x, int y, int width, int height, const uint8_t *value);
/// GridMask: `value` in every pixel that lies between the stripes of width `stripe` at every
/// `period` along both axes, which start at (x, y) and turn by `degrees` about the image's centre.
int cppref_grid_mask(cppref_output dst, int period, int stripe, int x, int y, int degrees,
                     const uint8_t *value);
/// cv::cvtColor, RGB to gray.
int cppref_gray(cppref_image src, cppref_output dst);
/// cv::cvtColor, RGB(A) to BGR(A).
int cppref_swap_channels(cppref_image src, cppref_output dst);

enum cppref_color_space { CPPREF_HSV = 0, CPPREF_HLS = 1, CPPREF_YCRCB = 2, CPPREF_LAB = 3 };

/// cv::cvtColor, RGB to `space`.
int cppref_rgb_to(cppref_image src, cppref_output dst, int space);
/// cv::cvtColor, `space` to RGB.
int cppref_rgb_from(cppref_image src, cppref_output dst, int space);
/// cv::LUT; `table` holds 256 entries, or 256 pixels of as many channels as `src` where
/// `table_channels` says so.
int cppref_lut(cppref_image src, cppref_output dst, const uint8_t *table, int table_channels);
/// cv::LUT with round(255 (v / 255)^gamma).
int cppref_gamma(cppref_image src, cppref_output dst, double gamma);
/// cv::equalizeHist.
int cppref_equalize_hist(cppref_image src, cppref_output dst);
/// cv::createCLAHE(clip_limit, tiles)->apply.
int cppref_clahe(cppref_image src, cppref_output dst, double clip_limit, int tiles_x, int tiles_y);
/// cv::Mat::convertTo(CV_8U, alpha, beta).
int cppref_convert_scale(cppref_image src, cppref_output dst, double alpha, double beta);
/// cv::GaussianBlur with BORDER_REFLECT_101 and a square kernel.
int cppref_gaussian_blur(cppref_image src, cppref_output dst, int size, double sigma);
/// cv::medianBlur of size * size pixels, `size` odd.
int cppref_median_blur(cppref_image src, cppref_output dst, int size);

/// RGB colours to class indices; `colors` holds `count` triples, class i being the i-th. An unknown
/// colour becomes 255; `unknown_x` and `unknown_y` get the first such pixel, or -1.
int cppref_label_map(cppref_image src, cppref_output dst, const uint8_t *colors, int count,
                     int *unknown_x, int *unknown_y);
/// Class indices to RGB colours; `palette` holds 256 triples.
int cppref_colorize(cppref_image src, cppref_output dst, const uint8_t *palette);
/// The saturation step of Preprocessing4Semantic, amount in -1...1.
int cppref_saturation(cppref_image src, cppref_output dst, float amount);
/// (src - 255 mean) / (255 std) as floats, channels last, zeros right of and below the image.
/// `dst` holds height * width * channels floats.
int cppref_normalize(cppref_image src, float *dst, int width, int height, const float *mean,
                     const float *std);

/// cppref_letterbox, then cppref_normalize: `dst` holds height * width * channels floats.
int cppref_letterbox_normalize(cppref_image src, float *dst, int width, int height,
                               int interpolation, const uint8_t *value, const float *mean,
                               const float *std);

/// cv::distanceTransform with DIST_L2 and DIST_MASK_PRECISE; `dst` holds height * width floats.
int cppref_distance_transform(cppref_image src, float *dst);
/// cv::connectedComponentsWithStats: `labels` holds height * width numbers; `stats` gets left, top,
/// width, height and area of the first `capacity` components, the background first.
int cppref_connected_components(cppref_image src, int connectivity, int32_t *labels, int32_t *stats,
                                int capacity, int *count);
/// The same for every class 1...254 of `src` alone: class, left, top, width, height and area.
int cppref_class_components(cppref_image src, int connectivity, int32_t *rows, int capacity,
                            int *count);

/// A segmentation loss and its gradient in float64, without OpenCV. `logits` holds n images of
/// h * w pixels of c channels, channels last; `target` a class index a pixel, 255 for one that
/// counts nowhere. With one channel the logit is that of class 1 against 0 for class 0. `gradient`
/// has the shape of `logits`, or is NULL. `options` is "key=value;key=value", a list "a,b,c"; NULL
/// or "" for the defaults.
///
///   cross_entropy               class_weights, label_smoothing 0
///   weighted_cross_entropy      scheme inverse_frequency | median_frequency | enet, frequencies,
///                               class_weights, border_weight 0, border_sigma 5
///   bce                         pos_weight 1
///   focal                       gamma 2, alpha 1 (a number or a list)
///   sigmoid_focal               gamma 2, alpha .25 (negative: none)
///   dice                        smooth 0, epsilon 1e-7, denominator sum | squared
///   generalized_dice
///   jaccard                     smooth 0, epsilon 1e-7
///   lovasz_softmax
///   tversky                     alpha .3, beta .7, gamma 1, smooth 0, epsilon 1e-7
///   exponential_logarithmic     dice_weight .8, cross_weight .2, gamma_dice .3, gamma_cross .3,
///                               frequencies
///   boundary                    region (a loss beside it), a 1, b .01
///   sum                         losses cross_entropy,dice, weights 1,1
int cppref_segmentation_loss(const char *name, const char *options, const double *logits,
                             const uint8_t *target, int n, int h, int w, int c, double *loss,
                             double *gradient);

/// One loss a box in float64, and the gradient of their sum by the prediction (count * 4, or NULL).
/// Boxes are x1, y1, x2, y2.
///
///   l1, l2, smooth_l1 (beta 1), iou (linear false), giou, diou, ciou, eiou, alpha_iou (alpha 3), siou
int cppref_box_loss(const char *name, const char *options, const double *prediction,
                    const double *target, int count, double *losses, double *gradient);

#ifdef __cplusplus
}
#endif
