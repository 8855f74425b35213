// Colour labels and class indices. OpenCV has no call for either direction: rows in parallel, and
// one multiplication and one comparison a pixel through a collision-free hash of the colours.
#include <atomic>
#include <cstring>
#include <map>
#include <vector>

#include "common.hpp"

namespace {

class ColorHash {
 public:
  ColorHash(const uint8_t *colors, int count) {
    std::map<uint32_t, uint8_t> entries;
    for (int i = 0; i < count; ++i) {
      const uint8_t *c = colors + 3 * i;
      entries.emplace(c[0] | c[1] << 8 | c[2] << 16, static_cast<uint8_t>(i));
    }
    int bits = 4;
    while ((size_t{1} << bits) < 4 * entries.size()) ++bits;
    uint32_t state = 0x9E3779B1u;
    for (int attempt = 1; !fill(entries, bits, state); ++attempt) {
      state = (state * 0x85EBCA77u + 0x2545F491u) | 1;
      if (attempt % 64 == 0 && bits < 20) ++bits;
    }
  }

  /// The class of a colour, or 256.
  unsigned operator()(uint32_t color) const {
    const uint32_t entry = slots_[(color * multiplier_) >> shift_];
    return (entry & 0xFFFFFF) == color ? entry >> 24 : 256;
  }

 private:
  bool fill(const std::map<uint32_t, uint8_t> &entries, int bits, uint32_t multiplier) {
    multiplier_ = multiplier;
    shift_ = 32 - bits;
    if (multiplier >> shift_ == 0) return false;
    slots_.assign(size_t{1} << bits, 1);
    slots_[multiplier >> shift_] = 0;  // an empty slot holds a colour that hashes elsewhere
    std::vector<bool> used(slots_.size());
    for (const auto &[color, label] : entries) {
      const uint32_t slot = (color * multiplier) >> shift_;
      if (used[slot]) return false;
      used[slot] = true;
      slots_[slot] = color | static_cast<uint32_t>(label) << 24;
    }
    return true;
  }

  std::vector<uint32_t> slots_;
  uint32_t multiplier_ = 0;
  int shift_ = 0;
};

}  // namespace

int cppref_label_map(cppref_image src, cppref_output dst, const uint8_t *colors, int count,
                     int *unknown_x, int *unknown_y) {
  return cppref::guarded([&] {
    const cv::Mat in = cppref::view(src);
    cv::Mat out = cppref::view(dst);
    CV_Assert(in.type() == CV_8UC3 && out.type() == CV_8UC1 && in.size() == out.size());
    const ColorHash hash(colors, count);
    std::atomic<int64_t> first{INT64_MAX};
    cv::parallel_for_(cv::Range(0, in.rows), [&](const cv::Range &rows) {
      int64_t unknown = INT64_MAX;
      for (int y = rows.start; y < rows.end; ++y) {
        const uint8_t *from = in.ptr(y);
        uint8_t *to = out.ptr(y);
        for (int x = 0; x < in.cols; ++x, from += 3) {
          const unsigned label = hash(from[0] | from[1] << 8 | from[2] << 16);
          to[x] = label < 256 ? static_cast<uint8_t>(label) : 255;
          if (label >= 256 && unknown == INT64_MAX) {
            unknown = static_cast<int64_t>(y) * in.cols + x;
          }
        }
      }
      int64_t seen = first.load();
      while (unknown < seen && !first.compare_exchange_weak(seen, unknown)) {
      }
    });
    const int64_t found = first.load();
    if (unknown_x) *unknown_x = found == INT64_MAX ? -1 : static_cast<int>(found % in.cols);
    if (unknown_y) *unknown_y = found == INT64_MAX ? -1 : static_cast<int>(found / in.cols);
  });
}

int cppref_colorize(cppref_image src, cppref_output dst, const uint8_t *palette) {
  return cppref::guarded([&] {
    const cv::Mat in = cppref::view(src);
    cv::Mat out = cppref::view(dst);
    CV_Assert(in.type() == CV_8UC1 && out.type() == CV_8UC3 && in.size() == out.size());
    cv::parallel_for_(cv::Range(0, in.rows), [&](const cv::Range &rows) {
      for (int y = rows.start; y < rows.end; ++y) {
        const uint8_t *from = in.ptr(y);
        uint8_t *to = out.ptr(y);
        for (int x = 0; x < in.cols; ++x, to += 3) std::memcpy(to, palette + 3 * from[x], 3);
      }
    });
  });
}
