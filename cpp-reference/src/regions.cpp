// What grows from the connected parts of a mask: distances, components and their boxes.
#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "common.hpp"

int cppref_distance_transform(cppref_image src, float *dst) {
  return cppref::guarded([&] {
    cv::Mat out(src.height, src.width, CV_32FC1, dst);
    cv::distanceTransform(cppref::view(src), out, cv::DIST_L2, cv::DIST_MASK_PRECISE, CV_32F);
    cppref::require_in_place(out, dst);
  });
}
