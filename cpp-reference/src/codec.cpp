#include <cstdlib>
#include <cstring>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "common.hpp"

namespace {

void hand_over(const cv::Mat &image, cppref_output *out) {
  if (image.empty()) CV_Error(cv::Error::StsError, "OpenCV cannot read the image");
  cv::Mat rgb = image;
  if (image.channels() == 3) cv::cvtColor(image, rgb, cv::COLOR_BGR2RGB);
  const size_t bytes = rgb.total() * rgb.elemSize();
  out->data = static_cast<uint8_t *>(std::malloc(bytes));
  if (!out->data) CV_Error(cv::Error::StsNoMem, "no memory for the image");
  std::memcpy(out->data, rgb.data, bytes);
  out->width = rgb.cols;
  out->height = rgb.rows;
  out->channels = rgb.channels();
  out->stride = static_cast<ptrdiff_t>(rgb.cols * rgb.elemSize());
}

int flags(int gray) { return gray ? cv::IMREAD_GRAYSCALE : cv::IMREAD_COLOR; }

}  // namespace

int cppref_imread(const char *path, int gray, cppref_output *out) {
  return cppref::guarded([&] { hand_over(cv::imread(path, flags(gray)), out); });
}

int cppref_imdecode(const uint8_t *bytes, size_t size, int gray, cppref_output *out) {
  return cppref::guarded([&] {
    const cv::Mat encoded(1, static_cast<int>(size), CV_8UC1, const_cast<uint8_t *>(bytes));
    hand_over(cv::imdecode(encoded, flags(gray)), out);
  });
}

int cppref_imencode(const char *extension, cppref_image src, int bits, const int *parameters,
                    size_t count, cppref_output *out) {
  return cppref::guarded([&] {
    const int depth = bits == 16 ? CV_16U : CV_8U;
    const cv::Mat rgb(src.height, src.width, CV_MAKETYPE(depth, src.channels),
                      const_cast<uint8_t *>(src.data), static_cast<size_t>(src.stride));
    cv::Mat image = rgb.clone();
    if (src.channels >= 3)
      cv::cvtColor(rgb, image, src.channels == 3 ? cv::COLOR_RGB2BGR : cv::COLOR_RGBA2BGRA);
    std::vector<uint8_t> encoded;
    if (!cv::imencode(extension, image, encoded, std::vector<int>(parameters, parameters + count)))
      CV_Error(cv::Error::StsError, "OpenCV cannot encode the image");
    out->data = static_cast<uint8_t *>(std::malloc(encoded.size()));
    if (!out->data) CV_Error(cv::Error::StsNoMem, "no memory for the file");
    std::memcpy(out->data, encoded.data(), encoded.size());
    out->width = static_cast<int>(encoded.size());
    out->height = out->channels = 1;
    out->stride = static_cast<ptrdiff_t>(encoded.size());
  });
}

void cppref_free(void *data) { std::free(data); }
