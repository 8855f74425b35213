#include "loss_batches.hpp"

TEST(Lovasz, SumsSortedErrors) {
  // Class 0: errors ½ (its own), ⅛: Jaccard losses 1, 1. Class 1: errors ¼ (its own), ¼, the other
  // pixel first: ½, 1. Class 2 is absent.
  EXPECT_NEAR(two_pixels.loss("lovasz_softmax"), (.5 + .25) / 2, 1e-15);
  // Hinges 1.5 (background), 0.2 (foreground), −1: Jaccard losses ½, 1, 1.
  const Batch hinge(1, 1, 3, 1, {0.5, 0.8, 2}, {0, 1, 1});
  EXPECT_NEAR(hinge.loss("lovasz_softmax"), 1.5 / 3 + 0.2 / 3, 1e-15);
}
