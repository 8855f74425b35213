#include "loss_batches.hpp"

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
