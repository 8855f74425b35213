#include "loss_batches.hpp"

namespace {

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
