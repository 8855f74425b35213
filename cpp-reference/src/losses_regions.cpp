// Losses of regions in float64, written as their formulas read, without regard for speed.
#include <algorithm>
#include <cmath>

#include "losses_segmentation.hpp"

namespace cppref {

Loss dice(const Batch &batch, const LossOptions &options) {
  const double smooth = options.number("smooth", 0), epsilon = options.number("epsilon", 1e-7);
  const std::string denominator = options.text("denominator", "sum");
  if (denominator != "sum" && denominator != "squared") {
    throw std::invalid_argument("denominator: no '" + denominator + "'");
  }
  const bool squared = denominator == "squared";
  Loss loss(batch);
  for (int c = batch.first_region(); c < batch.classes; ++c) {
    const Region region(batch, c);
    if (region.truth == 0) continue;
    const double top = 2 * region.overlap + smooth;
    const double whole = (squared ? region.squares : region.sum) + region.truth + smooth;
    const double bottom = std::max(whole, epsilon);
    loss.value += (1 - top / bottom) / batch.channels;
    const double by_bottom = whole < epsilon ? 0 : top / (bottom * bottom) / batch.channels;
    add(loss, batch, c, -2 / bottom / batch.channels, squared ? 0 : by_bottom);
    for (int i = 0; squared && i < batch.pixels(); ++i) {
      if (batch.is_valid(i)) loss.add_by_p(batch, i, c, by_bottom * 2 * batch.p[batch.at(i, c)]);
    }
  }
  return loss;
}

Loss generalized_dice(const Batch &batch, const LossOptions &) {
  Numbers weights(batch.classes);
  double largest = 0;
  for (int c = batch.first_region(); c < batch.classes; ++c) {
    weights[c] = 1 / (batch.counts[c] * batch.counts[c]);
    if (std::isfinite(weights[c])) largest = std::max(largest, weights[c]);
  }
  double top = 0, bottom = 0;
  for (int c = batch.first_region(); c < batch.classes; ++c) {
    if (!std::isfinite(weights[c])) weights[c] = largest;
    const Region region(batch, c);
    top += 2 * weights[c] * region.overlap;
    bottom += weights[c] * (region.sum + region.truth);
  }
  Loss loss(batch);
  if (bottom == 0) return loss;  // no class is present
  loss.value = 1 - top / bottom;
  for (int c = batch.first_region(); c < batch.classes; ++c) {
    add(loss, batch, c, -2 * weights[c] / bottom, weights[c] * top / (bottom * bottom));
  }
  return loss;
}

Loss jaccard(const Batch &batch, const LossOptions &options) {
  const double smooth = options.number("smooth", 0), epsilon = options.number("epsilon", 1e-7);
  Loss loss(batch);
  for (int c = batch.first_region(); c < batch.classes; ++c) {
    const Region region(batch, c);
    if (region.truth == 0) continue;
    const double top = region.overlap + smooth;
    const double whole = region.sum + region.truth - region.overlap + smooth;
    const double bottom = std::max(whole, epsilon);
    loss.value += (1 - top / bottom) / batch.channels;
    const double by_bottom = whole < epsilon ? 0 : top / (bottom * bottom) / batch.channels;
    add(loss, batch, c, -1 / bottom / batch.channels - by_bottom, by_bottom);
  }
  return loss;
}

Loss tversky(const Batch &batch, const LossOptions &options) {
  const double alpha = options.number("alpha", 0.3), beta = options.number("beta", 0.7);
  const double gamma = options.number("gamma", 1), smooth = options.number("smooth", 0);
  const double epsilon = options.number("epsilon", 1e-7);
  Loss loss(batch);
  for (int c = batch.first_region(); c < batch.classes; ++c) {
    const Region region(batch, c);
    if (region.truth == 0) continue;
    const double top = region.overlap + smooth;
    const double errors = alpha * region.false_positive + beta * region.false_negative;
    const double bottom = std::max(top + errors, epsilon);
    const double miss = top + errors < epsilon ? 1 - top / bottom : errors / bottom;
    loss.value += std::pow(miss, gamma) / batch.channels;
    if (miss <= 0) continue;
    const double slope = gamma * std::pow(miss, gamma - 1) / batch.channels;
    const double by_bottom = top + errors < epsilon ? 0 : slope * top / (bottom * bottom);
    add(loss, batch, c, -slope / bottom + (1 - beta - alpha) * by_bottom, alpha * by_bottom);
  }
  return loss;
}

}  // namespace cppref
