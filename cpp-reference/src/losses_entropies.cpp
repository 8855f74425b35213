// Cross entropies in float64, written as their formulas read, without regard for speed.
#include <algorithm>
#include <cmath>
#include <iterator>

#include "losses_segmentation.hpp"

namespace cppref {

namespace {

double median(Numbers numbers) {
  if (numbers.empty()) return 0;
  std::sort(numbers.begin(), numbers.end());
  return (numbers[(numbers.size() - 1) / 2] + numbers[numbers.size() / 2]) / 2;
}

/// Σ w(x)(−ln p_t) / Σ w(x), smoothed with the weights of the classes.
Loss weighted_sum(const Batch &batch, const Numbers &pixel_weights, const Numbers &class_weights,
                  double smoothing) {
  Loss loss(batch);
  double total = 0;
  for (int i = 0; i < batch.pixels(); ++i) total += batch.is_valid(i) ? pixel_weights[i] : 0;
  if (total <= 0) return loss;
  for (int i = 0; i < batch.pixels(); ++i) {
    for (int c = 0; batch.is_valid(i) && c < batch.classes; ++c) {
      const double share = batch.is(i, c) ? (1 - smoothing) * pixel_weights[i] : 0;
      const double weight = (share + smoothing / batch.classes * class_weights[c]) / total;
      loss.value -= weight * batch.log_p[batch.at(i, c)];
      loss.by_log_p[batch.at(i, c)] -= weight;
    }
  }
  return loss;
}

Numbers weights_of_targets(const Batch &batch, const Numbers &class_weights) {
  Numbers weights(batch.pixels());
  for (int i = 0; i < batch.pixels(); ++i) {
    if (batch.is_valid(i)) weights[i] = class_weights[batch.target[i]];
  }
  return weights;
}

}  // namespace

Loss cross_entropy(const Batch &batch, const LossOptions &options) {
  const Numbers weights =
      options.list("class_weights", batch.classes).value_or(Numbers(batch.classes, 1));
  return weighted_sum(batch, weights_of_targets(batch, weights), weights,
                      options.number("label_smoothing", 0));
}

namespace {

/// Of each class its share of the valid pixels of those images that show it.
Numbers shares_where_shown(const Batch &batch) {
  Numbers result(batch.classes);
  const int size = batch.height * batch.width;
  for (int c = 0; c < batch.classes; ++c) {
    double pixels = 0;
    for (int image = 0; image < batch.images; ++image) {
      const uint8_t *first = batch.target + image * size;
      if (std::count(first, first + size, c) > 0) {
        pixels += size - std::count(first, first + size, ignored);
      }
    }
    if (pixels > 0) result[c] = batch.counts[c] / pixels;
  }
  return result;
}

Numbers scheme_weights(const Batch &batch, const LossOptions &options) {
  const std::string scheme = options.text("scheme", "inverse_frequency");
  const auto given = options.list("frequencies", batch.classes);
  if (const auto weights = options.list("class_weights", batch.classes)) return *weights;
  const Numbers f = given                          ? *given
                    : scheme == "median_frequency" ? shares_where_shown(batch)
                                                   : shares(batch);
  Numbers present;
  std::copy_if(f.begin(), f.end(), std::back_inserter(present), [](double x) { return x > 0; });
  Numbers weights(batch.classes);
  for (int c = 0; c < batch.classes; ++c) {
    if (f[c] <= 0) continue;
    if (scheme == "inverse_frequency") {
      weights[c] = 1 / f[c];
    } else if (scheme == "median_frequency") {
      weights[c] = median(present) / f[c];
    } else if (scheme == "enet") {
      weights[c] = 1 / std::log(1.02 + f[c]);
    } else {
      throw std::invalid_argument("scheme: no '" + scheme + "'");
    }
  }
  return weights;
}

/// The 8-connected parts of one class of one image.
std::vector<Points> components(const Batch &batch, int image, int c) {
  const int h = batch.height, w = batch.width;
  std::vector<bool> seen(h * w);
  std::vector<Points> result;
  const auto visit = [&](int y, int x, Points &part) {
    if (y < 0 || y >= h || x < 0 || x >= w || seen[y * w + x]) return;
    if (!batch.is((image * h + y) * w + x, c)) return;
    seen[y * w + x] = true;
    part.emplace_back(y, x);
  };
  for (int start = 0; start < h * w; ++start) {
    Points part;
    visit(start / w, start % w, part);
    for (size_t next = 0; next < part.size(); ++next) {
      const auto [y, x] = part[next];
      for (int k = 0; k < 9; ++k) visit(y + k / 3 - 1, x + k % 3 - 1, part);
    }
    if (!part.empty()) result.push_back(part);
  }
  return result;
}

/// U-Net's exp(−(d1+d2)²/2σ²), the largest over the foreground classes.
Numbers border_terms(const Batch &batch, double sigma) {
  Numbers terms(batch.pixels());
  for (int image = 0; image < batch.images; ++image) {
    for (int c = 1; c < batch.classes; ++c) {
      const auto parts = components(batch, image, c);
      if (parts.size() < 2) continue;
      for (int i = 0; i < batch.height * batch.width; ++i) {
        Numbers distances;
        for (const Points &part : parts) {
          distances.push_back(distance(i / batch.width, i % batch.width, part));
        }
        std::sort(distances.begin(), distances.end());
        const double sum = distances[0] + distances[1];
        double &term = terms[image * batch.height * batch.width + i];
        term = std::max(term, std::exp(-sum * sum / (2 * sigma * sigma)));
      }
    }
  }
  return terms;
}

}  // namespace

Loss weighted_cross_entropy(const Batch &batch, const LossOptions &options) {
  const Numbers weights = scheme_weights(batch, options);
  Numbers pixel_weights = weights_of_targets(batch, weights);
  const double border = options.number("border_weight", 0);
  const double sigma = options.number("border_sigma", 5);
  if (border > 0) {
    const Numbers terms = border_terms(batch, sigma);
    for (int i = 0; i < batch.pixels(); ++i) pixel_weights[i] += border * terms[i];
  }
  return weighted_sum(batch, pixel_weights, weights, 0);
}

namespace {

double sigmoid(double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}

double log_sigmoid(double x) {
  return x < 0 ? x - std::log1p(std::exp(x)) : -std::log1p(std::exp(-x));
}

/// The mean over V×C of term(c, g, s), where s is the logit if g, else its negative. A term is a
/// value and its derivative by s.
template <typename Term>
Loss mean_over_channels(const Batch &batch, Term term) {
  Loss loss(batch);
  for (int i = 0; i < batch.pixels(); ++i) {
    for (int channel = 0; batch.is_valid(i) && channel < batch.channels; ++channel) {
      const bool g = batch.is(i, channel + batch.first_region());
      const int place = i * batch.channels + channel;
      const auto [value, slope] = term(channel, g, g ? batch.logits[place] : -batch.logits[place]);
      loss.value += value / (batch.valid * batch.channels);
      loss.by_logit[place] = (g ? slope : -slope) / (batch.valid * batch.channels);
    }
  }
  return loss;
}

}  // namespace

Loss bce(const Batch &batch, const LossOptions &options) {
  const Numbers positive = options.each("pos_weight", batch.channels, 1);
  return mean_over_channels(batch, [&](int channel, bool g, double s) {
    const double weight = g ? positive[channel] : 1;
    return std::pair(-weight * log_sigmoid(s), -weight * sigmoid(-s));
  });
}

Loss focal(const Batch &batch, const LossOptions &options) {
  const double gamma = options.number("gamma", 2);
  const Numbers alpha = options.each("alpha", batch.classes, 1);
  Loss loss(batch);
  for (int i = 0; i < batch.pixels(); ++i) {
    if (!batch.is_valid(i)) continue;
    const int t = batch.at(i, batch.target[i]);
    const double p = batch.p[t], log_p = batch.log_p[t], q = batch.rest[t];
    const double scale = alpha[batch.target[i]] / batch.valid;
    loss.value -= scale * std::pow(q, gamma) * log_p;
    const double fading = gamma == 0 || q == 0 ? 0 : gamma * std::pow(q, gamma - 1) * p * log_p;
    loss.by_log_p[t] = -scale * (std::pow(q, gamma) - fading);
  }
  return loss;
}

Loss sigmoid_focal(const Batch &batch, const LossOptions &options) {
  const double gamma = options.number("gamma", 2), alpha = options.number("alpha", 0.25);
  return mean_over_channels(batch, [&](int, bool g, double s) {
    const double weight = alpha < 0 ? 1 : g ? alpha : 1 - alpha;
    const double fade = weight * std::pow(sigmoid(-s), gamma), entropy = -log_sigmoid(s);
    return std::pair(fade * entropy, -fade * (gamma * sigmoid(s) * entropy + sigmoid(-s)));
  });
}

}  // namespace cppref
