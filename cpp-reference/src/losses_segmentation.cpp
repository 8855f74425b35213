// Segmentation losses in float64, written as their formulas read, without regard for speed.
//
// A softmax loss gives its value and G_c = dL/d(ln p_c), every p_c taken for itself. One step, the
// same for all, goes on to the logits: dL/dx_k = G_k − p_k Σ_c G_c.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "common.hpp"
#include "loss_batch.hpp"
#include "loss_options.hpp"

namespace {

using namespace cppref;

double median(Numbers numbers) {
  if (numbers.empty()) return 0;
  std::sort(numbers.begin(), numbers.end());
  return (numbers[(numbers.size() - 1) / 2] + numbers[numbers.size() / 2]) / 2;
}

// MARK: - Cross entropies

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

Loss cross_entropy(const Batch &batch, const LossOptions &options) {
  const Numbers weights =
      options.list("class_weights", batch.classes).value_or(Numbers(batch.classes, 1));
  return weighted_sum(batch, weights_of_targets(batch, weights), weights,
                      options.number("label_smoothing", 0));
}

/// Of each class its share of the valid pixels.
Numbers shares(const Batch &batch) {
  Numbers result = batch.counts;
  for (double &count : result) count /= std::max(batch.valid, 1.0);
  return result;
}

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

using Points = std::vector<std::pair<int, int>>;

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

/// The distance from a pixel to the nearest of some, infinite without any.
double distance(int y, int x, const Points &points) {
  double least = INFINITY;
  for (const auto &[py, px] : points) least = std::min(least, std::hypot(y - py, x - px));
  return least;
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

// MARK: - Regions

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
void add(Loss &loss, const Batch &batch, int c, double by_overlap, double by_sum) {
  for (int i = 0; i < batch.pixels(); ++i) {
    if (batch.is_valid(i)) {
      loss.add_by_p(batch, i, c, by_sum + (batch.is(i, c) ? by_overlap : 0));
    }
  }
}

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

// MARK: - Lovász

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

// MARK: - Others

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

Loss loss_named(const std::string &name, const Batch &batch, const LossOptions &options);

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

const std::map<std::string, Loss (*)(const Batch &, const LossOptions &)> losses_by_name = {
    {"cross_entropy", cross_entropy},
    {"weighted_cross_entropy", weighted_cross_entropy},
    {"bce", bce},
    {"focal", focal},
    {"sigmoid_focal", sigmoid_focal},
    {"dice", dice},
    {"generalized_dice", generalized_dice},
    {"jaccard", jaccard},
    {"lovasz_softmax", lovasz_softmax},
    {"tversky", tversky},
    {"exponential_logarithmic", exponential_logarithmic},
    {"boundary", boundary},
    {"sum", sum},
};

Loss loss_named(const std::string &name, const Batch &batch, const LossOptions &options) {
  const auto found = losses_by_name.find(name);
  if (found == losses_by_name.end()) {
    throw std::invalid_argument("no segmentation loss '" + name + "'");
  }
  return found->second(batch, options);
}

/// G_k − p_k Σ_c G_c, written so that nothing cancels where p_k is near 1.
double by_logit(const Batch &batch, const Loss &loss, int pixel, int k) {
  double others = 0;
  for (int c = 0; c < batch.classes; ++c) {
    if (c != k) others += loss.by_log_p[batch.at(pixel, c)];
  }
  const int place = batch.at(pixel, k);
  return loss.by_log_p[place] * batch.rest[place] - batch.p[place] * others;
}

}  // namespace

int cppref_segmentation_loss(const char *name, const char *options, const double *logits,
                             const uint8_t *target, int n, int h, int w, int c, double *loss,
                             double *gradient) {
  return cppref::guarded([&] {
    Batch batch{n, h, w, c, std::max(c, 2), logits, target, {}, {}, {}, 0, {}};
    batch.work_out_softmax();
    const LossOptions given(options);
    Loss result = loss_named(name, batch, given);
    given.require_known(name);
    if (batch.valid == 0) result = Loss(batch);
    *loss = result.value;
    for (int i = 0; gradient && i < batch.pixels(); ++i) {
      for (int channel = 0; channel < c; ++channel) {
        gradient[i * c + channel] = result.by_logit[i * c + channel] +
                                    by_logit(batch, result, i, channel + batch.first_region());
      }
    }
  });
}
