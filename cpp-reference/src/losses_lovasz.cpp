// The Lovász loss in float64, written as its formula reads, without regard for speed.
#include <algorithm>
#include <numeric>

#include "losses_segmentation.hpp"

namespace cppref {

namespace {

/// Σ_i m_i·(J_i − J_{i−1}) over errors m in stable descending order, J_i the Jaccard loss of the
/// set of the first i; `slopes` gets each J_i − J_{i−1}.
double lovasz(const Numbers &errors, const std::vector<bool> &truth, Numbers &slopes) {
  std::vector<size_t> order(errors.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return errors[a] != errors[b] ? errors[a] > errors[b] : a < b;
  });
  const double total = std::count(truth.begin(), truth.end(), true);
  double found = 0, outside = 0, before = 0, sum = 0;
  slopes.assign(errors.size(), 0);
  for (size_t i : order) {
    (truth[i] ? found : outside) += 1;
    const double jaccard = 1 - (total - found) / (total + outside);
    slopes[i] = jaccard - before;
    before = jaccard;
    sum += std::max(errors[i], 0.0) * slopes[i];
  }
  return sum;
}

}  // namespace

Loss lovasz_softmax(const Batch &batch, const LossOptions &) {
  Loss loss(batch);
  std::vector<int> pixels;
  for (int i = 0; i < batch.pixels(); ++i) {
    if (batch.is_valid(i)) pixels.push_back(i);
  }
  const double present = std::count_if(batch.counts.begin(), batch.counts.end(),
                                       [](double count) { return count > 0; });
  for (int c = batch.first_region(); c < batch.classes; ++c) {
    const bool hinge = batch.channels == 1;
    if (batch.counts[c] == 0 && !hinge) continue;
    Numbers errors, slopes;
    std::vector<bool> truth;
    for (int i : pixels) {
      const int place = batch.at(i, c);
      const bool g = batch.is(i, c);
      truth.push_back(g);
      errors.push_back(hinge ? 1 - (g ? 1 : -1) * batch.logits[i]
                             : g ? batch.rest[place] : batch.p[place]);
    }
    const double scale = hinge ? 1 : 1 / present;
    loss.value += scale * lovasz(errors, truth, slopes);
    for (size_t k = 0; k < pixels.size(); ++k) {
      const double slope = (truth[k] ? -scale : scale) * slopes[k];
      if (!hinge) {
        loss.add_by_p(batch, pixels[k], c, slope);
      } else if (errors[k] > 0) {
        loss.by_logit[pixels[k]] = slope;
      }
    }
  }
  return loss;
}

}  // namespace cppref
