// A batch that the segmentation losses of the reference are tested on.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "CppReference.h"

using Numbers = std::vector<double>;
using Labels = std::vector<uint8_t>;

struct Batch {
  int n, h, w, c;
  Numbers logits;
  Labels target;

  Batch(int n, int h, int w, int c, Numbers logits, Labels target)
      : n(n), h(h), w(w), c(c), logits(std::move(logits)), target(std::move(target)) {
    EXPECT_EQ(this->target.size(), static_cast<size_t>(n) * h * w);
    EXPECT_EQ(this->logits.size(), this->target.size() * c);
  }

  /// Logits from N(0, 1) and labels of the first `shown` classes, one in five ignored.
  static Batch random(int n, int h, int w, int c, int shown) {
    std::mt19937 generator(c);
    std::normal_distribution<double> normal;
    Numbers logits(static_cast<size_t>(n) * h * w * c);
    for (double &x : logits) x = normal(generator);
    Labels target(static_cast<size_t>(n) * h * w);
    for (uint8_t &label : target) {
      label = generator() % 5 == 0 ? 255 : static_cast<uint8_t>(generator() % shown);
    }
    return {n, h, w, c, logits, target};
  }

  double loss(const std::string &name, const std::string &options = "",
              Numbers *gradient = nullptr) const {
    double value = NAN;
    if (gradient) gradient->assign(logits.size(), NAN);
    EXPECT_EQ(cppref_segmentation_loss(name.c_str(), options.c_str(), logits.data(), target.data(),
                                       n, h, w, c, &value, gradient ? gradient->data() : nullptr),
              0)
        << cppref_last_error();
    return value;
  }
};

inline double softplus(double x) { return std::log1p(std::exp(x)); }

// Two pixels of three classes with probabilities that are easy to write down, the third ignored.
inline const Batch two_pixels(1, 1, 3, 3,
                              {std::log(2.0), 0, 0,          // ½ ¼ ¼
                               0, std::log(6.0), 0,          // ⅛ ¾ ⅛
                               5, 6, 7},
                              {0, 1, 255});
