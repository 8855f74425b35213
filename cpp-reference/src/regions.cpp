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

int cppref_connected_components(cppref_image src, int connectivity, int32_t *labels,
                                int32_t *stats, int capacity, int *count) {
  return cppref::guarded([&] {
    cv::Mat out(src.height, src.width, CV_32SC1, labels), table, centroids;
    *count = cv::connectedComponentsWithStats(cppref::view(src), out, table, centroids,
                                              connectivity, CV_32S);
    cppref::require_in_place(out, labels);
    for (int i = 0; i < std::min(*count, capacity); ++i) {
      std::copy_n(table.ptr<int32_t>(i), 5, stats + 5 * i);
    }
  });
}

int cppref_class_components(cppref_image src, int connectivity, int32_t *rows, int capacity,
                            int *count) {
  return cppref::guarded([&] {
    const cv::Mat in = cppref::view(src);
    *count = 0;
    for (int label = 1; label < 255; ++label) {
      const cv::Mat mask = in == label;
      if (cv::countNonZero(mask) == 0) continue;
      cv::Mat labels, table, centroids;
      const int parts =
          cv::connectedComponentsWithStats(mask, labels, table, centroids, connectivity, CV_32S);
      for (int i = 1; i < parts; ++i, ++*count) {
        if (*count >= capacity) continue;
        rows[6 * *count] = label;
        std::copy_n(table.ptr<int32_t>(i), 5, rows + 6 * *count + 1);
      }
    }
  });
}
