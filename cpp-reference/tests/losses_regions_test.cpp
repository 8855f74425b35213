#include "loss_batches.hpp"

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
