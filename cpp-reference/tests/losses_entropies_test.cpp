#include "loss_batches.hpp"

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
