// Losses made of others in float64, written as their formulas read, without regard for speed.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "losses_segmentation.hpp"

namespace cppref {

Loss exponential_logarithmic(const Batch &batch, const LossOptions &options) {
  const double dice_weight = options.number("dice_weight", 0.8);
  const double cross_weight = options.number("cross_weight", 0.2);
  const double gamma_dice = options.number("gamma_dice", 0.3);
  const double gamma_cross = options.number("gamma_cross", 0.3);
  const Numbers f = options.list("frequencies", batch.classes).value_or(shares(batch));
  const double total = std::accumulate(f.begin(), f.end(), 0.0);
  constexpr double least = 1e-7;
  Loss loss(batch);
  for (int c = batch.first_region(); c < batch.classes; ++c) {
    const Region region(batch, c);
    const double top = 2 * region.overlap + 1, bottom = region.sum + region.truth + 1;
    const double log = -std::log(top / bottom), scale = dice_weight / batch.channels;
    loss.value += scale * std::pow(std::max(log, least), gamma_dice);
    if (log <= least) continue;
    // −ln(top/bottom) has the derivatives −1/top and 1/bottom.
    const double slope = scale * gamma_dice * std::pow(log, gamma_dice - 1);
    add(loss, batch, c, -2 * slope / top, slope / bottom);
  }
  for (int i = 0; i < batch.pixels(); ++i) {
    if (!batch.is_valid(i) || f[batch.target[i]] <= 0) continue;
    const int t = batch.at(i, batch.target[i]);
    const double log = -batch.log_p[t];
    const double scale = cross_weight / batch.valid * std::sqrt(total / f[batch.target[i]]);
    loss.value += scale * std::pow(std::max(log, least), gamma_cross);
    if (log > least) loss.by_log_p[t] -= scale * gamma_cross * std::pow(log, gamma_cross - 1);
  }
  return loss;
}

namespace {

Loss boundary_alone(const Batch &batch) {
  Loss loss(batch);
  const int size = batch.height * batch.width;
  const double terms = batch.valid * (batch.classes - 1);
  for (int image = 0; image < batch.images; ++image) {
    for (int c = 1; c < batch.classes; ++c) {
      Points inside, outside;
      for (int k = 0; k < size; ++k) {
        (batch.is(image * size + k, c) ? inside : outside)
            .emplace_back(k / batch.width, k % batch.width);
      }
      if (inside.empty() || outside.empty()) continue;
      for (int k = 0; k < size; ++k) {
        const int i = image * size + k, y = k / batch.width, x = k % batch.width;
        if (!batch.is_valid(i)) continue;
        const double phi =
            batch.is(i, c) ? 1 - distance(y, x, outside) : distance(y, x, inside);
        loss.value += batch.p[batch.at(i, c)] * phi / terms;
        loss.add_by_p(batch, i, c, phi / terms);
      }
    }
  }
  return loss;
}

}  // namespace

/// a·region + b·boundary where a loss of regions is named.
Loss boundary(const Batch &batch, const LossOptions &options) {
  const std::string region = options.text("region", "");
  const double a = options.number("a", 1), b = options.number("b", 0.01);
  if (region.empty()) return boundary_alone(batch);
  Loss loss(batch);
  loss.add(loss_named(region, batch, LossOptions("")), a);
  loss.add(boundary_alone(batch), b);
  return loss;
}

/// Losses under their defaults, with a weight each.
Loss sum(const Batch &batch, const LossOptions &options) {
  const std::vector<std::string> names = split(options.text("losses", "cross_entropy,dice"), ',');
  const Numbers weights = options.each("weights", static_cast<int>(names.size()), 1);
  Loss loss(batch);
  for (size_t i = 0; i < names.size(); ++i) {
    loss.add(loss_named(names[i], batch, LossOptions("")), weights[i]);
  }
  return loss;
}

}  // namespace cppref
