// Ops that move pixels: resize, flip, crop, border, letterbox.
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
