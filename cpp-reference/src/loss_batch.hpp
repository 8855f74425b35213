// A batch of logits with its softmax, and a loss with its derivative, for the segmentation losses.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace cppref {

using Numbers = std::vector<double>;

constexpr int ignored = 255;

/// A batch with its softmax. Arrays of pixels and classes have the class last.
struct Batch {
  int images, height, width, channels;
  /// 2 where there is a single channel: the background has the logit 0.
  int classes;
  const double *logits;
  const uint8_t *target;
  Numbers p, log_p;
  /// 1 − p, without cancellation.
  Numbers rest;
  /// V, and of each class its valid pixels.
  double valid = 0;
  Numbers counts;

  int pixels() const { return images * height * width; }
  int at(int pixel, int c) const { return pixel * classes + c; }
  bool is_valid(int pixel) const { return target[pixel] != ignored; }
  bool is(int pixel, int c) const { return target[pixel] == c; }
  /// Losses over regions leave out the background of a single channel.
  int first_region() const { return classes - channels; }

  void work_out_softmax();
};

inline void Batch::work_out_softmax() {
  p.resize(pixels() * classes);
  log_p = rest = p;
  counts.assign(classes, 0);
  for (int i = 0; i < pixels(); ++i) {
    if (is_valid(i)) {
      if (target[i] >= classes) {
        throw std::invalid_argument("the target holds class " + std::to_string(target[i]) +
                                    ", the logits have " + std::to_string(channels) + " channels");
      }
      valid += 1;
      counts[target[i]] += 1;
    }
    Numbers x(classes, 0);
    std::copy_n(logits + i * channels, channels, x.end() - channels);
    const double top = *std::max_element(x.begin(), x.end());
    for (int c = 0; c < classes; ++c) {
      const double own = std::exp(x[c] - top);
      double others = 0;
      for (int k = 0; k < classes; ++k) others += k == c ? 0 : std::exp(x[k] - top);
      p[at(i, c)] = own / (own + others);
      rest[at(i, c)] = others / (own + others);
      log_p[at(i, c)] =
          own > others ? -std::log1p(others / own) : x[c] - top - std::log(own + others);
    }
  }
}

/// A value with its derivative by the log-probabilities, or by the logits themselves.
struct Loss {
  double value = 0;
  Numbers by_log_p, by_logit;

  explicit Loss(const Batch &batch)
      : by_log_p(batch.pixels() * batch.classes), by_logit(batch.pixels() * batch.channels) {}

  void add(const Loss &other, double weight) {
    value += weight * other.value;
    for (size_t i = 0; i < by_log_p.size(); ++i) by_log_p[i] += weight * other.by_log_p[i];
    for (size_t i = 0; i < by_logit.size(); ++i) by_logit[i] += weight * other.by_logit[i];
  }

  /// The derivative by the probability p_c of one pixel.
  void add_by_p(const Batch &batch, int pixel, int c, double derivative) {
    by_log_p[batch.at(pixel, c)] += batch.p[batch.at(pixel, c)] * derivative;
  }
};

}  // namespace cppref
