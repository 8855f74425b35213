// Ops over a neighbourhood of each pixel: the median.
#include <opencv2/imgproc.hpp>

#include "common.hpp"

int cppref_median_blur(cppref_image src, cppref_output dst, int size) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    cv::medianBlur(cppref::view(src), out, size);
    cppref::require_in_place(out, dst.data);
  });
}
