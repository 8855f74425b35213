// Ops that map each value by a table: a given one, a power, or one made of the image's histogram.
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "common.hpp"

int cppref_lut(cppref_image src, cppref_output dst, const uint8_t *table, int table_channels) {
  return cppref::guarded([&] {
    const cv::Mat entries(1, 256, CV_8UC(table_channels), const_cast<uint8_t *>(table));
    cv::Mat out = cppref::view(dst);
    cv::LUT(cppref::view(src), entries, out);
    cppref::require_in_place(out, dst.data);
  });
}

int cppref_gamma(cppref_image src, cppref_output dst, double gamma) {
  uint8_t table[256];
  for (int v = 0; v < 256; ++v) {
    table[v] = cv::saturate_cast<uint8_t>(255 * std::pow(v / 255.0, gamma));
  }
  return cppref_lut(src, dst, table, 1);
}

int cppref_equalize_hist(cppref_image src, cppref_output dst) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    cv::equalizeHist(cppref::view(src), out);
    cppref::require_in_place(out, dst.data);
  });
}

int cppref_clahe(cppref_image src, cppref_output dst, double clip_limit, int tiles_x, int tiles_y) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    cv::createCLAHE(clip_limit, cv::Size(tiles_x, tiles_y))->apply(cppref::view(src), out);
    cppref::require_in_place(out, dst.data);
  });
}
