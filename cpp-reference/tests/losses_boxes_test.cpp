#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "CppReference.h"

namespace {

using Numbers = std::vector<double>;

const std::vector<std::pair<std::string, std::string>> boxes = {
    {"l1", ""},   {"l2", ""},   {"smooth_l1", ""}, {"smooth_l1", "beta=0.3"}, {"iou", ""},
    {"giou", ""}, {"diou", ""}, {"eiou", ""},      {"iou", "linear=true"},    {"alpha_iou", ""},
    {"siou", ""}, {"alpha_iou", "alpha=1.5"},
};

double box(const std::string &name, const std::string &options, const Numbers &prediction,
           const Numbers &target, Numbers *gradient = nullptr) {
  double value = NAN;
  if (gradient) gradient->assign(4, NAN);
  EXPECT_EQ(cppref_box_loss(name.c_str(), options.c_str(), prediction.data(), target.data(), 1,
                            &value, gradient ? gradient->data() : nullptr),
            0)
      << cppref_last_error();
  return value;
}

}  // namespace

TEST(BoxLoss, GradientsMatchDifferences) {
  const std::vector<std::pair<Numbers, Numbers>> pairs = {
      {{1, 2, 5, 7}, {2, 1, 6.5, 5}},        // overlapping
      {{0, 0, 2, 2}, {5, 6, 8, 9}},          // disjoint
      {{0, 0, 10, 11}, {2, 3, 4, 6}},        // enclosing
      {{2.5, 3.5, 4, 6}, {0, 0, 10, 11}},    // enclosed
      {{4, 4, 4.12, 4.2}, {3.9, 3.95, 4.2, 4.3}},
  };
  for (auto [prediction, target] : pairs) {
    for (const auto &[name, options] : boxes) {
      Numbers gradient;
      box(name, options, prediction, target, &gradient);
      for (int i = 0; i < 4; ++i) {
        const double x = prediction[i], step = 1e-6;
        prediction[i] = x + step;
        const double above = box(name, options, prediction, target);
        prediction[i] = x - step;
        const double below = box(name, options, prediction, target);
        prediction[i] = x;
        const double difference = (above - below) / (2 * step);
        EXPECT_NEAR(gradient[i], difference, 1e-6 * std::max(1.0, std::abs(difference)))
            << name << " " << options << ", element " << i;
      }
    }
  }
}

TEST(BoxLoss, Values) {
  // Intersection 9, union 23, enclosing 5.5 × 6, centres 1.25 and 1.5 apart.
  const Numbers b{1, 2, 5, 7}, g{2, 1, 6.5, 5};
  const double iou = 9 / 29.0, enclosing = 33, close = 1e-7;
  EXPECT_NEAR(box("l1", "", b, g), 1 + 1 + 1.5 + 2, 1e-15);
  EXPECT_NEAR(box("l2", "", b, g), 1 + 1 + 2.25 + 4, 1e-15);
  EXPECT_NEAR(box("smooth_l1", "", b, g), .5 + .5 + 1 + 1.5, 1e-15);
  EXPECT_NEAR(box("smooth_l1", "beta=2", b, g), .25 + .25 + .5625 + 1, 1e-15);
  EXPECT_NEAR(box("iou", "", b, g), -std::log(iou), close);
  EXPECT_NEAR(box("iou", "linear=true", b, g), 1 - iou, close);
  EXPECT_NEAR(box("giou", "", b, g), 1 - iou + 4 / enclosing, close);
  const double diou = 1 - iou + (1.25 * 1.25 + 1.5 * 1.5) / (5.5 * 5.5 + 36);
  EXPECT_NEAR(box("diou", "", b, g), diou, close);
  const double v = 4 / std::pow(std::acos(-1.0), 2) *
                   std::pow(std::atan2(4.5, 4) - std::atan2(4, 5), 2);
  EXPECT_NEAR(box("ciou", "", b, g), diou + v * v / (1 - iou + v), close);
  EXPECT_NEAR(box("eiou", "", b, g), diou + .25 / (5.5 * 5.5) + 1 / 36.0, close);
  EXPECT_NEAR(box("alpha_iou", "", b, g), 1 - iou * iou * iou, close);
  const double lambda = 2 * 1.25 * 1.5 / (1.25 * 1.25 + 1.5 * 1.5);
  const double distance = 2 - std::exp(-(2 - lambda) * std::pow(1.25 / 5.5, 2)) -
                          std::exp(-(2 - lambda) * std::pow(1.5 / 6, 2));
  const double shape = std::pow(1 - std::exp(-.5 / 4.5), 4) + std::pow(1 - std::exp(-1 / 5.0), 4);
  EXPECT_NEAR(box("siou", "", b, g), 1 - iou + (distance + shape) / 2, close);
}

TEST(CIoU, HoldsAlphaConstant) {
  // The gradient is that of diou and α times that of v.
  const Numbers b{1, 2, 5, 7}, g{2, 1, 6.5, 5};
  Numbers whole, rest;
  const double value = box("ciou", "", b, g, &whole) - box("diou", "", b, g, &rest);
  const double turn = std::atan2(4.5, 4) - std::atan2(4, 5);
  const double scale = 4 / std::pow(std::acos(-1.0), 2);
  const double alpha = value / (scale * turn * turn);
  // dv/dw = −2·scale·turn·h/(w² + h²), and w falls with x1.
  EXPECT_NEAR(whole[0] - rest[0], alpha * scale * 2 * turn * 5 / 41, 1e-12);
  EXPECT_NEAR(whole[1] - rest[1], -alpha * scale * 2 * turn * 4 / 41, 1e-12);
  EXPECT_NEAR(whole[2] - rest[2], rest[0] - whole[0], 1e-15);
  EXPECT_NEAR(whole[3] - rest[3], rest[1] - whole[1], 1e-15);
}

TEST(BoxLoss, IsFiniteForDegenerateBoxes) {
  for (const Numbers &b : {Numbers{1, 1, 1, 1}, Numbers{3, 3, 4, 9}, Numbers{0, 0, 2, 2}}) {
    for (const Numbers &g : {Numbers{1, 1, 1, 1}, Numbers{3, 3, 4, 9}, Numbers{2, 0, 4, 2}}) {
      for (const auto &[name, options] : boxes) {
        Numbers gradient;
        EXPECT_TRUE(std::isfinite(box(name, options, b, g, &gradient))) << name;
        for (double d : gradient) EXPECT_TRUE(std::isfinite(d)) << name;
      }
    }
  }
}

TEST(BoxLoss, NamesAndOptionsAreChecked) {
  const Numbers b{1, 2, 5, 7};
  double loss;
  const auto call = [&](const char *name, const char *options) {
    return cppref_box_loss(name, options, b.data(), b.data(), 1, &loss, nullptr);
  };
  EXPECT_EQ(call("iou", nullptr), 0);
  EXPECT_NE(call("uoi", nullptr), 0);
  EXPECT_NE(call("iou", "beta=1"), 0);
  EXPECT_NE(call("iou", "linear=maybe"), 0);
}
