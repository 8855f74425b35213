// Ops that move pixels: resize, flip, crop, border, letterbox, warps, mosaic.
#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "common.hpp"

namespace {

int flag(int interpolation) {
  switch (interpolation) {
    case CPPREF_NEAREST: return cv::INTER_NEAREST;
    case CPPREF_LINEAR: return cv::INTER_LINEAR;
    case CPPREF_AREA: return cv::INTER_AREA;
    case CPPREF_CUBIC: return cv::INTER_CUBIC;
  }
  CV_Error(cv::Error::StsBadArg, "unknown interpolation");
}

int border_flag(int border) {
  switch (border) {
    case CPPREF_CONSTANT: return cv::BORDER_CONSTANT;
    case CPPREF_REFLECT: return cv::BORDER_REFLECT;
    case CPPREF_REFLECT_101: return cv::BORDER_REFLECT_101;
  }
  CV_Error(cv::Error::StsBadArg, "unknown border");
}

cv::Scalar scalar(const uint8_t *value, int channels) {
  cv::Scalar result;
  for (int c = 0; c < channels; ++c) result[c] = value[c];
  return result;
}

}  // namespace

int cppref_resize(cppref_image src, cppref_output dst, int interpolation) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    cv::resize(cppref::view(src), out, out.size(), 0, 0, flag(interpolation));
    cppref::require_in_place(out, dst.data);
  });
}

int cppref_flip(cppref_image src, cppref_output dst, int axis) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    cv::flip(cppref::view(src), out, axis);
    cppref::require_in_place(out, dst.data);
  });
}

int cppref_crop(cppref_image src, cppref_output dst, int x, int y) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    cppref::view(src)(cv::Rect(x, y, dst.width, dst.height)).copyTo(out);
    cppref::require_in_place(out, dst.data);
  });
}

int cppref_border(cppref_image src, cppref_output dst, int x, int y, const uint8_t *value) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    cv::copyMakeBorder(cppref::view(src), out, y, dst.height - y - src.height, x,
                       dst.width - x - src.width, cv::BORDER_CONSTANT,
                       scalar(value, src.channels));
    cppref::require_in_place(out, dst.data);
  });
}

int cppref_letterbox(cppref_image src, cppref_output dst, int interpolation,
                     const uint8_t *value) {
  return cppref::guarded([&] {
    const double scale = std::min(static_cast<double>(dst.width) / src.width,
                                  static_cast<double>(dst.height) / src.height);
    const int width = std::clamp(cvRound(src.width * scale), 1, dst.width);
    const int height = std::clamp(cvRound(src.height * scale), 1, dst.height);
    const int x = (dst.width - width) / 2, y = (dst.height - height) / 2;
    cv::Mat resized, out = cppref::view(dst);
    cv::resize(cppref::view(src), resized, cv::Size(width, height), 0, 0, flag(interpolation));
    cv::copyMakeBorder(resized, out, y, dst.height - y - height, x, dst.width - x - width,
                       cv::BORDER_CONSTANT, scalar(value, src.channels));
    cppref::require_in_place(out, dst.data);
  });
}

int cppref_warp_affine(cppref_image src, cppref_output dst, const double *matrix, int interpolation,
                       int border, const uint8_t *value) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    const cv::Mat transform(2, 3, CV_64F, const_cast<double *>(matrix));
    cv::warpAffine(cppref::view(src), out, transform, out.size(), flag(interpolation),
                   border_flag(border), scalar(value, src.channels));
    cppref::require_in_place(out, dst.data);
  });
}

int cppref_warp_perspective(cppref_image src, cppref_output dst, const double *matrix,
                            int interpolation, int border, const uint8_t *value) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    const cv::Mat transform(3, 3, CV_64F, const_cast<double *>(matrix));
    cv::warpPerspective(cppref::view(src), out, transform, out.size(), flag(interpolation),
                        border_flag(border), scalar(value, src.channels));
    cppref::require_in_place(out, dst.data);
  });
}

int cppref_rotation_matrix(double x, double y, double degrees, double scale, double *matrix) {
  return cppref::guarded([&] {
    const cv::Mat result = cv::getRotationMatrix2D(cv::Point2f(x, y), degrees, scale);
    std::copy_n(result.ptr<double>(), 6, matrix);
  });
}

int cppref_mosaic(const cppref_image parts[4], cppref_output dst, int x, int y,
                  int interpolation) {
  return cppref::guarded([&] {
    const cv::Mat out = cppref::view(dst);
    const cv::Rect quadrants[4] = {{0, 0, x, y},
                                   {x, 0, dst.width - x, y},
                                   {0, y, x, dst.height - y},
                                   {x, y, dst.width - x, dst.height - y}};
    for (int i = 0; i < 4; ++i) {
      if (quadrants[i].empty()) continue;
      cv::Mat quadrant = out(quadrants[i]);
      const uint8_t *place = quadrant.data;
      cv::resize(cppref::view(parts[i]), quadrant, quadrant.size(), 0, 0, flag(interpolation));
      cppref::require_in_place(quadrant, place);
    }
  });
}
