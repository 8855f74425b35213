// What the segmentation losses share, and their names.
//
// A softmax loss gives its value and G_c = dL/d(ln p_c), every p_c taken for itself. One step, the
// same for all, goes on to the logits: dL/dx_k = G_k − p_k Σ_c G_c.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "loss_batch.hpp"
#include "loss_options.hpp"

namespace cppref {

using SegmentationLoss = Loss(const Batch &, const LossOptions &);

SegmentationLoss cross_entropy, weighted_cross_entropy, bce, focal, sigmoid_focal;
SegmentationLoss dice, generalized_dice, jaccard, tversky;
SegmentationLoss lovasz_softmax;
SegmentationLoss exponential_logarithmic, boundary, sum;

/// The loss of a name, under options.
Loss loss_named(const std::string &name, const Batch &batch, const LossOptions &options);

/// Of each class its share of the valid pixels.
inline Numbers shares(const Batch &batch) {
  Numbers result = batch.counts;
  for (double &count : result) count /= std::max(batch.valid, 1.0);
  return result;
}

using Points = std::vector<std::pair<int, int>>;

/// The distance from a pixel to the nearest of some, infinite without any.
inline double distance(int y, int x, const Points &points) {
  double least = INFINITY;
  for (const auto &[py, px] : points) least = std::min(least, std::hypot(y - py, x - px));
  return least;
}

/// The sums of one class over the valid pixels.
struct Region {
  /// Σpg, Σp, Σp², Σg, Σp(1−g), Σ(1−p)g.
  double overlap = 0, sum = 0, squares = 0, truth = 0, false_positive = 0, false_negative = 0;

  Region(const Batch &batch, int c) {
    for (int i = 0; i < batch.pixels(); ++i) {
      if (!batch.is_valid(i)) continue;
      const double p = batch.p[batch.at(i, c)], g = batch.is(i, c) ? 1 : 0;
      overlap += p * g;
      sum += p;
      squares += p * p;
      truth += g;
      false_positive += p * (1 - g);
      false_negative += batch.rest[batch.at(i, c)] * g;
    }
  }
};

/// Adds the derivatives by Σpg and by Σp of one class.
inline void add(Loss &loss, const Batch &batch, int c, double by_overlap, double by_sum) {
  for (int i = 0; i < batch.pixels(); ++i) {
    if (batch.is_valid(i)) {
      loss.add_by_p(batch, i, c, by_sum + (batch.is(i, c) ? by_overlap : 0));
    }
  }
}

}  // namespace cppref
