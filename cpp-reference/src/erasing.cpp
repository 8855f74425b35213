// Ops that cover parts of an image.
#include <algorithm>
#include <cmath>
#include <vector>

#include "common.hpp"

namespace {

/// Marks the positions that lie between two stripes.
class Between {
 public:
  Between(int period, int stripe, int offset)
      : period_(period), inverse_(1.0 / period), stripe_(stripe), offset_(offset) {}

  bool operator()(double position) const {
    // A half more keeps whole numbers of periods from the edge of the next.
    const double distance = position - offset_;
    return distance - period_ * std::floor((distance + 0.5) * inverse_) >= stripe_;
  }

 private:
  double period_, inverse_, stripe_, offset_;
};

/// `value` in the marked pixels of a row, run by run.
void cover(uint8_t *row, const std::vector<uint8_t> &marks, int channels, const uint8_t *value) {
  const auto end = marks.end();
  for (auto from = std::find(marks.begin(), end, 1); from != end;) {
    const auto to = std::find(from, end, 0);
    uint8_t *pixel = row + (from - marks.begin()) * channels;
    if (channels == 1) {
      std::fill_n(pixel, to - from, value[0]);
    } else {
      for (auto i = from; i != to; ++i, pixel += channels) std::copy_n(value, channels, pixel);
    }
    from = std::find(to, end, 1);
  }
}

}  // namespace

int cppref_erase(cppref_output dst, int x, int y, int width, int height, const uint8_t *value) {
  return cppref::guarded([&] {
    const cv::Rect part =
        cv::Rect(x, y, width, height) & cv::Rect(0, 0, dst.width, dst.height);
    cv::Scalar color;
    for (int c = 0; c < dst.channels; ++c) color[c] = value[c];
    cppref::view(dst)(part).setTo(color);
  });
}

// OpenCV has no call: rows in parallel, the pixels between stripes marked in vectors of columns, then
// covered run by run.
int cppref_grid_mask(cppref_output dst, int period, int stripe, int x, int y, int degrees,
                     const uint8_t *value) {
  return cppref::guarded([&] {
    cv::Mat out = cppref::view(dst);
    const Between between_x(period, stripe, x), between_y(period, stripe, y);
    const double angle = degrees * CV_PI / 180, sine = std::sin(angle), cosine = std::cos(angle);
    std::vector<double> along(out.cols), across(out.cols);
    std::vector<uint8_t> columns(out.cols);
    for (int i = 0; i < out.cols; ++i) {
      const double u = i - (out.cols - 1) / 2.0;
      along[i] = u * cosine;
      across[i] = u * sine;
      columns[i] = between_x(i);
    }
    cv::parallel_for_(cv::Range(0, out.rows), [&](const cv::Range &rows) {
      std::vector<uint8_t> marks(out.cols);
      for (int row = rows.start; row < rows.end; ++row) {
        if (degrees == 0) {
          if (between_y(row)) cover(out.ptr(row), columns, dst.channels, value);
          continue;
        }
        const double v = row - (out.rows - 1) / 2.0, v_sine = v * sine, v_cosine = v * cosine;
        for (int i = 0; i < out.cols; ++i) {
          marks[i] = between_x(std::floor(along[i] + v_sine)) &
                     between_y(std::floor(v_cosine - across[i]));
        }
        cover(out.ptr(row), marks, dst.channels, value);
      }
    });
  });
}
