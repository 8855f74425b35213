// Box losses in float64, written as their formulas read, without regard for speed.
//
// The losses of the IoU family are functions of a few parts: IoU, union, the sides of the box and
// of the enclosing one, the offset of the centres. Each gives its derivatives by those parts; one
// step, the same for all, goes on to the coordinates.
#include <algorithm>
#include <cmath>

#include "common.hpp"
#include "loss_options.hpp"

namespace {

using cppref::LossOptions;

constexpr double epsilon = 1e-7;

double square(double x) { return x * x; }

/// A loss and its derivatives by x1, y1, x2, y2 of the prediction.
struct Result {
  double loss = 0;
  double by[4] = {};
};

// MARK: - Differences of coordinates

template <typename Term>
Result sum_over_coordinates(const double *b, const double *g, Term term) {
  Result result;
  for (int i = 0; i < 4; ++i) {
    const auto [value, slope] = term(b[i] - g[i]);
    result.loss += value;
    result.by[i] = slope;
  }
  return result;
}

double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

Result l1(const double *b, const double *g, const LossOptions &) {
  return sum_over_coordinates(b, g, [](double x) { return std::pair(std::abs(x), sign(x)); });
}

Result l2(const double *b, const double *g, const LossOptions &) {
  return sum_over_coordinates(b, g, [](double x) { return std::pair(x * x, 2 * x); });
}

Result smooth_l1(const double *b, const double *g, const LossOptions &options) {
  const double beta = options.number("beta", 1);
  return sum_over_coordinates(b, g, [&](double x) {
    return std::abs(x) < beta ? std::pair(x * x / (2 * beta), x / beta)
                              : std::pair(std::abs(x) - beta / 2, sign(x));
  });
}

// MARK: - The IoU family

/// What the formulas are made of; or the derivatives of a loss by each.
struct Parts {
  double iou = 0, united = 0;
  double width = 0, height = 0;
  /// The sides of the smallest enclosing box.
  double enclosing_width = 0, enclosing_height = 0;
  /// From the centre of the target to that of the prediction.
  double dx = 0, dy = 0;
};

/// Along one axis, from `low` to `high`: how far two stretches overlap, what encloses them, and
/// whether an end of the prediction bounds the overlap; else it bounds what encloses.
struct Axis {
  double size, target, overlap, enclosing, offset;
  bool low_bounds_overlap, high_bounds_overlap;

  Axis(double low, double high, double target_low, double target_high)
      : size(high - low),
        target(target_high - target_low),
        overlap(std::max(0.0, std::min(high, target_high) - std::max(low, target_low))),
        enclosing(std::max(high, target_high) - std::min(low, target_low)),
        offset(((low - target_low) + (high - target_high)) / 2),
        low_bounds_overlap(low > target_low),
        high_bounds_overlap(high < target_high) {}
};

struct Pair {
  Axis x, y;
  double intersection;
  Parts parts;

  Pair(const double *b, const double *g)
      : x(b[0], b[2], g[0], g[2]), y(b[1], b[3], g[1], g[3]), intersection(x.overlap * y.overlap) {
    parts.united = x.size * y.size + x.target * y.target - intersection;
    parts.iou = intersection / (parts.united + epsilon);
    parts.width = x.size;
    parts.height = y.size;
    parts.enclosing_width = x.enclosing;
    parts.enclosing_height = y.enclosing;
    parts.dx = x.offset;
    parts.dy = y.offset;
  }

  /// The way from the parts to the coordinates.
  Result result(double loss, const Parts &by) const {
    // IoU = I/(U + ε) and U = area + target's area − I.
    const double bottom = parts.united + epsilon;
    const double by_union = by.united - by.iou * intersection / (bottom * bottom);
    const double by_intersection = by.iou / bottom - by_union;
    Result result;
    result.loss = loss;
    const auto along = [&](const Axis &axis, const Axis &other, double by_size, double by_enclosing,
                           double by_offset, double &by_low, double &by_high) {
      const double by_overlap = axis.overlap > 0 ? by_intersection * other.overlap : 0;
      const double grown = by_size + by_union * other.size;
      by_low = by_offset / 2 - grown - (axis.low_bounds_overlap ? by_overlap : by_enclosing);
      by_high = by_offset / 2 + grown + (axis.high_bounds_overlap ? by_overlap : by_enclosing);
    };
    along(x, y, by.width, by.enclosing_width, by.dx, result.by[0], result.by[2]);
    along(y, x, by.height, by.enclosing_height, by.dy, result.by[1], result.by[3]);
    return result;
  }
};

Result iou(const double *b, const double *g, const LossOptions &options) {
  const Pair pair(b, g);
  const double iou = pair.parts.iou;
  Parts by;
  if (options.flag("linear")) {
    by.iou = -1;
    return pair.result(1 - iou, by);
  }
  by.iou = iou > epsilon ? -1 / iou : 0;
  return pair.result(-std::log(std::max(iou, epsilon)), by);
}

Result alpha_iou(const double *b, const double *g, const LossOptions &options) {
  const Pair pair(b, g);
  const double alpha = options.number("alpha", 3);
  Parts by;
  by.iou = -alpha * std::pow(pair.parts.iou, alpha - 1);
  return pair.result(1 - std::pow(pair.parts.iou, alpha), by);
}

Result giou(const double *b, const double *g, const LossOptions &) {
  const Pair pair(b, g);
  const Parts &parts = pair.parts;
  const double enclosing = parts.enclosing_width * parts.enclosing_height;
  const double bottom = enclosing + epsilon;
  Parts by;
  by.iou = -1;
  by.united = -1 / bottom;
  // (C − U)/(C + ε) by C.
  const double by_enclosing = (parts.united + epsilon) / (bottom * bottom);
  by.enclosing_width = by_enclosing * parts.enclosing_height;
  by.enclosing_height = by_enclosing * parts.enclosing_width;
  return pair.result(1 - (parts.iou - (enclosing - parts.united) / bottom), by);
}

/// top²/(bottom² + ε), and its derivatives by either.
struct Ratio {
  double value, by_top, by_bottom;

  Ratio(double top, double bottom)
      : value(square(top) / (square(bottom) + epsilon)),
        by_top(2 * top / (square(bottom) + epsilon)),
        by_bottom(-2 * bottom * square(top) / square(square(bottom) + epsilon)) {}
};

/// 1 − IoU + ρ²/(c² + ε), and its derivatives.
std::pair<double, Parts> distance_loss(const Parts &parts) {
  const double distance = square(parts.dx) + square(parts.dy);
  const double diagonal =
      square(parts.enclosing_width) + square(parts.enclosing_height) + epsilon;
  Parts by;
  by.iou = -1;
  by.dx = 2 * parts.dx / diagonal;
  by.dy = 2 * parts.dy / diagonal;
  by.enclosing_width = -2 * parts.enclosing_width * distance / square(diagonal);
  by.enclosing_height = -2 * parts.enclosing_height * distance / square(diagonal);
  return {1 - parts.iou + distance / diagonal, by};
}

Result diou(const double *b, const double *g, const LossOptions &) {
  const Pair pair(b, g);
  const auto [loss, by] = distance_loss(pair.parts);
  return pair.result(loss, by);
}

Result ciou(const double *b, const double *g, const LossOptions &) {
  const Pair pair(b, g);
  auto [loss, by] = distance_loss(pair.parts);
  const double w = pair.x.size, h = pair.y.size;
  const double pi = std::acos(-1.0);
  const double turn = std::atan2(pair.x.target, pair.y.target) - std::atan2(w, h);
  const double v = 4 / (pi * pi) * square(turn);
  const double alpha = v / std::max(1 - pair.parts.iou + v + epsilon, epsilon);
  // α is constant; atan2(w, h) has the derivatives (h, −w)/(w² + h²).
  const double bound = std::max(square(w) + square(h), epsilon);
  const double by_angle = -alpha * 4 / (pi * pi) * 2 * turn;
  by.width = by_angle * h / bound;
  by.height = -by_angle * w / bound;
  return pair.result(loss + alpha * v, by);
}

Result eiou(const double *b, const double *g, const LossOptions &) {
  const Pair pair(b, g);
  auto [loss, by] = distance_loss(pair.parts);
  const Ratio wide(pair.x.size - pair.x.target, pair.x.enclosing);
  const Ratio high(pair.y.size - pair.y.target, pair.y.enclosing);
  by.width = wide.by_top;
  by.height = high.by_top;
  by.enclosing_width += wide.by_bottom;
  by.enclosing_height += high.by_bottom;
  return pair.result(loss + wide.value + high.value, by);
}

/// (1 − e^{−ω})⁴ with ω = |w − w_g|/max(w, w_g, ε), and its derivative by w.
std::pair<double, double> shape_cost(double w, double target) {
  const double larger = std::max({w, target, epsilon});
  const double omega = std::abs(w - target) / larger;
  const double by_w = sign(w - target) / larger - (w == larger ? omega / larger : 0);
  const double rest = 1 - std::exp(-omega);
  return {std::pow(rest, 4), 4 * std::pow(rest, 3) * std::exp(-omega) * by_w};
}

Result siou(const double *b, const double *g, const LossOptions &) {
  const Pair pair(b, g);
  const double dx = pair.parts.dx, dy = pair.parts.dy;
  const double product = std::abs(dx) * std::abs(dy), sum = square(dx) + square(dy);
  const double bottom = std::max(sum, epsilon);
  const double lambda = 2 * product / bottom;
  // 2|dx||dy|/(dx² + dy²) by dx, with or without the bottom.
  const double falls = sum > epsilon ? 2 * lambda / bottom : 0;
  const double lambda_by_dx = 2 * sign(dx) * std::abs(dy) / bottom - falls * dx;
  const double lambda_by_dy = 2 * sign(dy) * std::abs(dx) / bottom - falls * dy;

  // e^{−(2−Λ)ρ_t}: by Λ it grows with ρ_t, by ρ_t it falls with 2 − Λ.
  const Ratio rho_x(dx, pair.x.enclosing), rho_y(dy, pair.y.enclosing);
  const double near_x = std::exp((lambda - 2) * rho_x.value);
  const double near_y = std::exp((lambda - 2) * rho_y.value);
  const double by_lambda = -(rho_x.value * near_x + rho_y.value * near_y);
  const double by_rho_x = (2 - lambda) * near_x, by_rho_y = (2 - lambda) * near_y;

  const auto [shape_x, shape_by_width] = shape_cost(pair.x.size, pair.x.target);
  const auto [shape_y, shape_by_height] = shape_cost(pair.y.size, pair.y.target);
  Parts by;
  by.iou = -1;
  by.dx = (by_lambda * lambda_by_dx + by_rho_x * rho_x.by_top) / 2;
  by.dy = (by_lambda * lambda_by_dy + by_rho_y * rho_y.by_top) / 2;
  by.enclosing_width = by_rho_x * rho_x.by_bottom / 2;
  by.enclosing_height = by_rho_y * rho_y.by_bottom / 2;
  by.width = shape_by_width / 2;
  by.height = shape_by_height / 2;
  const double distance = 2 - near_x - near_y;
  return pair.result(1 - pair.parts.iou + (distance + shape_x + shape_y) / 2, by);
}

const std::map<std::string, Result (*)(const double *, const double *, const LossOptions &)>
    losses_by_name = {
        {"l1", l1},     {"l2", l2},     {"smooth_l1", smooth_l1}, {"iou", iou},
        {"giou", giou}, {"diou", diou}, {"ciou", ciou},           {"eiou", eiou},
        {"siou", siou}, {"alpha_iou", alpha_iou},
};

}  // namespace

int cppref_box_loss(const char *name, const char *options, const double *prediction,
                    const double *target, int count, double *losses, double *gradient) {
  return cppref::guarded([&] {
    const auto loss = losses_by_name.find(name);
    if (loss == losses_by_name.end()) {
      throw std::invalid_argument(std::string("no box loss '") + name + "'");
    }
    const LossOptions given(options);
    for (int i = 0; i < count; ++i) {
      const Result result = loss->second(prediction + 4 * i, target + 4 * i, given);
      losses[i] = result.loss;
      if (gradient) std::copy_n(result.by, 4, gradient + 4 * i);
    }
    if (count > 0) given.require_known(name);
  });
}
