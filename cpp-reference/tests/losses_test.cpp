#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "CppReference.h"

namespace {

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

const std::vector<std::pair<std::string, std::string>> segmentation = {
    {"cross_entropy", ""},
    {"cross_entropy", "label_smoothing=0.1"},
    {"weighted_cross_entropy", ""},
    {"weighted_cross_entropy", "scheme=median_frequency"},
    {"weighted_cross_entropy", "scheme=enet;border_weight=10;border_sigma=2"},
    {"bce", ""},
    {"bce", "pos_weight=3"},
    {"focal", ""},
    {"focal", "gamma=0"},
    {"focal", "gamma=0.5;alpha=0.25"},
    {"sigmoid_focal", ""},
    {"sigmoid_focal", "gamma=0.5;alpha=-1"},
    {"dice", ""},
    {"dice", "smooth=1;denominator=squared"},
    {"dice", "epsilon=1000"},
    {"generalized_dice", ""},
    {"jaccard", ""},
    {"jaccard", "smooth=1"},
    {"jaccard", "epsilon=1000"},
    {"lovasz_softmax", ""},
    {"tversky", ""},
    {"tversky", "alpha=0.6;beta=0.3;gamma=0.75;smooth=1"},
    {"tversky", "epsilon=1000;gamma=2"},
    {"exponential_logarithmic", ""},
    {"exponential_logarithmic", "gamma_dice=1;gamma_cross=2;dice_weight=0.3;cross_weight=0.7"},
    {"boundary", ""},
    {"boundary", "region=generalized_dice;a=0.7;b=0.1"},
    {"sum", ""},
    {"sum", "losses=focal,bce,lovasz_softmax;weights=1,-2,0.5"},
};

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

double softplus(double x) { return std::log1p(std::exp(x)); }

// Two pixels of three classes with probabilities that are easy to write down, the third ignored.
const Batch two_pixels(1, 1, 3, 3,
                       {std::log(2.0), 0, 0,          // ½ ¼ ¼
                        0, std::log(6.0), 0,          // ⅛ ¾ ⅛
                        5, 6, 7},
                       {0, 1, 255});

}  // namespace

TEST(SegmentationLoss, GradientsMatchDifferences) {
  for (Batch batch : {Batch::random(2, 3, 4, 1, 2), Batch::random(2, 3, 4, 2, 2),
                      Batch::random(2, 3, 4, 5, 4), Batch::random(1, 1, 1, 3, 3)}) {
    for (const auto &[name, options] : segmentation) {
      Numbers gradient;
      batch.loss(name, options, &gradient);
      for (size_t i = 0; i < gradient.size(); ++i) {
        const double x = batch.logits[i], step = 1e-5;
        batch.logits[i] = x + step;
        const double above = batch.loss(name, options);
        batch.logits[i] = x - step;
        const double below = batch.loss(name, options);
        batch.logits[i] = x;
        EXPECT_NEAR(gradient[i], (above - below) / (2 * step), 1e-8)
            << name << " " << options << ", " << batch.c << " channels, element " << i;
      }
    }
  }
}

TEST(SegmentationLoss, IsZeroWithoutAValidPixel) {
  for (const int c : {1, 3}) {
    const Batch batch(1, 1, 2, c, Numbers(2 * c, 1), {255, 255});
    for (const auto &[name, options] : segmentation) {
      Numbers gradient;
      EXPECT_EQ(batch.loss(name, options, &gradient), 0) << name;
      EXPECT_EQ(gradient, Numbers(2 * c, 0)) << name;
    }
  }
}

TEST(SegmentationLoss, IsFiniteWhereSaturated) {
  for (const Labels &target : {Labels{0, 1, 2}, Labels{1, 2, 0}}) {
    const Batch batch(1, 1, 3, 3, {80, -80, -80, -80, 80, -80, 80, -80, 80}, target);
    for (const auto &[name, options] : segmentation) {
      Numbers gradient;
      EXPECT_TRUE(std::isfinite(batch.loss(name, options, &gradient))) << name << options;
      for (double g : gradient) EXPECT_TRUE(std::isfinite(g)) << name << options;
    }
  }
}

TEST(SegmentationLoss, OneChannelIsTwoWithABackgroundOfZero) {
  const Batch one = Batch::random(2, 3, 4, 1, 2);
  Numbers logits;
  for (double x : one.logits) logits.insert(logits.end(), {0, x});
  const Batch two(2, 3, 4, 2, logits, one.target);
  for (const char *name : {"cross_entropy", "weighted_cross_entropy", "focal", "boundary"}) {
    EXPECT_NEAR(one.loss(name), two.loss(name), 1e-14) << name;
  }
}

TEST(SegmentationLoss, NamesAndOptionsAreChecked) {
  double loss;
  const auto call = [&](const char *name, const char *options) {
    return cppref_segmentation_loss(name, options, two_pixels.logits.data(),
                                    two_pixels.target.data(), 1, 1, 3, 3, &loss, nullptr);
  };
  EXPECT_EQ(call("dice", nullptr), 0);
  EXPECT_NE(call("dise", nullptr), 0);
  EXPECT_NE(call("dice", "gamma=1"), 0);
  EXPECT_NE(call("dice", "smooth=much"), 0);
  EXPECT_NE(call("dice", "denominator=other"), 0);
  EXPECT_NE(call("cross_entropy", "class_weights=1,2"), 0);
  const Labels beyond{0, 1, 3};
  EXPECT_NE(cppref_segmentation_loss("dice", "", two_pixels.logits.data(), beyond.data(), 1, 1, 3,
                                     3, &loss, nullptr),
            0);
}

TEST(CrossEntropy, IsTheWeightedMean) {
  const double a = std::log(2.0), b = std::log(4 / 3.0);
  EXPECT_NEAR(two_pixels.loss("cross_entropy"), (a + b) / 2, 1e-15);
  EXPECT_NEAR(two_pixels.loss("cross_entropy", "class_weights=1,3,9"), (a + 3 * b) / 4, 1e-15);
  const double all = a + 2 * std::log(4.0) + b + 2 * std::log(8.0);
  EXPECT_NEAR(two_pixels.loss("cross_entropy", "label_smoothing=0.3"),
              (0.7 * (a + b) + 0.1 * all) / 2, 1e-15);
}

TEST(WeightedCrossEntropy, TakesItsWeightsFromTheFrequencies) {
  // −ln p of the classes 0 (three pixels of two images) and 1 (one pixel of the first image).
  const double a = std::log(2.0), b = std::log(3.0);
  const Batch batch(2, 1, 3, 2, {0, 0, 0, 0, b - a, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 1, 0, 255, 255});
  const double first = 3 * a, second = std::log(2.5);
  ASSERT_NEAR(batch.loss("cross_entropy"), (first + second) / 4, 1e-15);
  // 4/3 and 4.
  EXPECT_NEAR(batch.loss("weighted_cross_entropy"), (4 / 3.0 * first + 4 * second) / 8, 1e-15);
  // Frequencies 3/4 and 1/3 with the median 13/24.
  const double w0 = 13 / 18.0, w1 = 13 / 8.0;
  EXPECT_NEAR(batch.loss("weighted_cross_entropy", "scheme=median_frequency"),
              (w0 * first + w1 * second) / (3 * w0 + w1), 1e-15);
  const double e0 = 1 / std::log(1.77), e1 = 1 / std::log(1.27);
  EXPECT_NEAR(batch.loss("weighted_cross_entropy", "scheme=enet"),
              (e0 * first + e1 * second) / (3 * e0 + e1), 1e-15);
  EXPECT_NEAR(batch.loss("weighted_cross_entropy", "frequencies=0.5,0"), a, 1e-15);
  EXPECT_NEAR(batch.loss("weighted_cross_entropy", "class_weights=1,5"),
              (first + 5 * second) / 8, 1e-15);
}

TEST(WeightedCrossEntropy, WeighsTheGapBetweenComponents) {
  // Components at 0 and 3, the background between; d1 + d2 = 3 everywhere but at the ignored end.
  const Batch batch(1, 1, 5, 2, {1, 0, 2, 0, 0, 0, 0, 1, 0, 0}, {1, 0, 0, 1, 255});
  const double e = 2 * std::exp(-9.0 / 8);
  const double losses = softplus(1) + softplus(-2) + std::log(2.0) + softplus(-1);
  EXPECT_NEAR(batch.loss("weighted_cross_entropy",
                         "class_weights=1,1;border_weight=2;border_sigma=2"),
              losses / 4, 1e-15);
  const double weighted = (3 + e) * (softplus(1) + softplus(-1)) +
                          (1 + e) * (softplus(-2) + std::log(2.0));
  EXPECT_NEAR(batch.loss("weighted_cross_entropy",
                         "class_weights=1,3;border_weight=2;border_sigma=2"),
              weighted / (8 + 4 * e), 1e-15);
  // Diagonal neighbours are one component: no border.
  const Batch one(1, 2, 2, 2, Numbers(8, 0.5), {1, 0, 0, 1});
  EXPECT_NEAR(one.loss("weighted_cross_entropy", "border_weight=100"), std::log(2.0), 1e-15);
}

TEST(SigmoidLosses, AreMeansOverPixelsAndClasses) {
  const Batch batch(1, 1, 2, 2, {1, -2, 3, 0.5}, {0, 1});
  EXPECT_NEAR(batch.loss("bce"), (softplus(-1) + softplus(-2) + softplus(3) + softplus(-.5)) / 4,
              1e-15);
  EXPECT_NEAR(batch.loss("bce", "pos_weight=2"),
              (2 * softplus(-1) + softplus(-2) + softplus(3) + 2 * softplus(-.5)) / 4, 1e-15);
  EXPECT_NEAR(batch.loss("bce", "pos_weight=2,3"),
              (2 * softplus(-1) + softplus(-2) + softplus(3) + 3 * softplus(-.5)) / 4, 1e-15);
  const auto term = [](double alpha, double s) {
    const double q = 1 / (1 + std::exp(s));
    return alpha * q * q * softplus(-s);
  };
  EXPECT_NEAR(batch.loss("sigmoid_focal"),
              (term(.25, 1) + term(.75, 2) + term(.75, -3) + term(.25, .5)) / 4, 1e-15);
  const Batch one(1, 1, 1, 1, {0.7}, {0});
  EXPECT_NEAR(one.loss("bce"), softplus(0.7), 1e-15);
}

TEST(Focal, FadesEasyPixels) {
  const double a = std::log(2.0) / 4, b = std::log(4 / 3.0) / 16;
  EXPECT_NEAR(two_pixels.loss("focal"), (a + b) / 2, 1e-15);
  EXPECT_NEAR(two_pixels.loss("focal", "alpha=0.25"), (a + b) / 8, 1e-15);
  EXPECT_NEAR(two_pixels.loss("focal", "alpha=1,2,9"), (a + 2 * b) / 2, 1e-15);
  EXPECT_NEAR(two_pixels.loss("focal", "gamma=0"), two_pixels.loss("cross_entropy"), 1e-15);
}

// Class 0: I = ½, Σp = ⅝, Σp² = 17/64; class 1: I = ¾, Σp = 1, Σp² = ⅝; class 2: Σp = ⅜.
TEST(Dice, IsAMeanOverAllClassesWithAbsentOnesZero) {
  EXPECT_NEAR(two_pixels.loss("dice"), ((1 - 1 / 1.625) + (1 - 1.5 / 2)) / 3, 1e-15);
  EXPECT_NEAR(two_pixels.loss("dice", "smooth=1"), ((1 - 2 / 2.625) + (1 - 2.5 / 3)) / 3, 1e-15);
  EXPECT_NEAR(two_pixels.loss("dice", "denominator=squared"),
              ((1 - 64 / 81.0) + (1 - 1.5 / 1.625)) / 3, 1e-15);
}

TEST(Dice, OfOneChannelIsThatOfTheForeground) {
  const Batch batch(1, 1, 2, 1, {0, std::log(3.0)}, {0, 1});
  EXPECT_NEAR(batch.loss("dice"), 1 - 1.5 / 2.25, 1e-15);
  EXPECT_NEAR(batch.loss("generalized_dice"), 1 - 1.5 / 2.25, 1e-15);
  EXPECT_NEAR(batch.loss("jaccard"), 1 - .75 / 1.5, 1e-15);
}

TEST(GeneralizedDice, GivesAbsentClassesTheLargestFiniteWeight) {
  EXPECT_NEAR(two_pixels.loss("generalized_dice"), 1 - 2.5 / (1.625 + 2 + .375), 1e-15);
  // Weights 1 of class 0, ¼ of class 1.
  const Batch batch(1, 1, 3, 2, Numbers(6, 0), {0, 1, 1});
  EXPECT_NEAR(batch.loss("generalized_dice"), 1 - 2 * (.5 + .25) / (2.5 + .25 * 3.5), 1e-15);
}

TEST(Jaccard, IsAMeanOverAllClassesWithAbsentOnesZero) {
  EXPECT_NEAR(two_pixels.loss("jaccard"), ((1 - .5 / 1.125) + (1 - .75 / 1.25)) / 3, 1e-15);
}

TEST(Tversky, WeighsFalsePositivesByAlpha) {
  // Class 0: FP ⅛, FN ½; class 1: FP ¼, FN ¼.
  const double first = 1 - .5 / (.5 + .3 / 8 + .7 / 2), second = 1 - .75 / (.75 + .25);
  EXPECT_NEAR(two_pixels.loss("tversky"), (first + second) / 3, 1e-15);
  EXPECT_NEAR(two_pixels.loss("tversky", "gamma=2"), (first * first + second * second) / 3, 1e-15);
  EXPECT_NEAR(two_pixels.loss("tversky", "alpha=.5;beta=.5"), two_pixels.loss("dice"), 1e-15);
  EXPECT_NEAR(two_pixels.loss("tversky", "alpha=1;beta=1"), two_pixels.loss("jaccard"), 1e-15);
}

TEST(Lovasz, SumsSortedErrors) {
  // Class 0: errors ½ (its own), ⅛: Jaccard losses 1, 1. Class 1: errors ¼ (its own), ¼, the other
  // pixel first: ½, 1. Class 2 is absent.
  EXPECT_NEAR(two_pixels.loss("lovasz_softmax"), (.5 + .25) / 2, 1e-15);
  // Hinges 1.5 (background), 0.2 (foreground), −1: Jaccard losses ½, 1, 1.
  const Batch hinge(1, 1, 3, 1, {0.5, 0.8, 2}, {0, 1, 1});
  EXPECT_NEAR(hinge.loss("lovasz_softmax"), 1.5 / 3 + 0.2 / 3, 1e-15);
}

TEST(ExponentialLogarithmic, WeighsByTheRootOfInverseFrequencies) {
  const auto power = [](double x) { return std::pow(-std::log(x), 0.3); };
  const double dice = (power(2 / 2.625) + power(2.5 / 3) + power(1 / 1.375)) / 3;
  const double cross = std::sqrt(2.0) * (power(.5) + power(.75)) / 2;
  EXPECT_NEAR(two_pixels.loss("exponential_logarithmic"), .8 * dice + .2 * cross, 1e-15);
  EXPECT_NEAR(two_pixels.loss("exponential_logarithmic", "dice_weight=0;frequencies=1,3,0"),
              .2 * (2 * power(.5) + std::sqrt(4 / 3.0) * power(.75)) / 2, 1e-15);
}

TEST(Boundary, IsTheMeanOfProbabilityTimesSignedDistance) {
  // One channel, all p = ½: distances 2, 1, −(1−1), −(2−1); the ignored pixel lies outside.
  const Batch row(1, 1, 5, 1, Numbers(5, 0), {0, 0, 1, 1, 255});
  EXPECT_NEAR(row.loss("boundary"), (2 + 1 + 0 + 0) * .5 / 4, 1e-15);
  const Batch edge(1, 1, 4, 1, Numbers(4, 0), {0, 0, 1, 1});
  EXPECT_NEAR(edge.loss("boundary"), (2 + 1 + 0 - 1) * .5 / 4, 1e-15);
  // Absent or everywhere: 0. Two foreground classes of which the second is absent: half the mean.
  EXPECT_EQ(Batch(2, 1, 2, 1, {1, 2, 3, 4}, {0, 0, 1, 1}).loss("boundary"), 0);
  EXPECT_NEAR(Batch(1, 1, 4, 3, Numbers(12, 0), {0, 0, 1, 1}).loss("boundary"),
              (2 + 1 + 0 - 1) / 3.0 / 8, 1e-15);
}

TEST(LossSum, WeighsItsTerms) {
  const Batch batch = Batch::random(2, 3, 4, 3, 3);
  const double entropy = batch.loss("cross_entropy"), dice = batch.loss("dice");
  EXPECT_NEAR(batch.loss("sum"), entropy + dice, 1e-15);
  EXPECT_NEAR(batch.loss("sum", "losses=dice,bce;weights=2,-0.5"),
              2 * dice - batch.loss("bce") / 2, 1e-15);
  EXPECT_NEAR(batch.loss("boundary", "region=dice;a=3;b=0.5"),
              3 * dice + batch.loss("boundary") / 2, 1e-15);
}

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
