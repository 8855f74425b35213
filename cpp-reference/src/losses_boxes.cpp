// Box losses in float64, written as their formulas read, without regard for speed.
//
// Every quantity carries its derivatives by the four coordinates of the prediction, so that each
// formula stands here once.
#include <algorithm>
#include <array>
#include <cmath>

#include "common.hpp"
#include "loss_options.hpp"

namespace {

using cppref::LossOptions;

constexpr double epsilon = 1e-7;

/// A number and its derivatives by x1, y1, x2, y2 of the prediction.
struct Dual {
  double value = 0;
  std::array<double, 4> by{};

  Dual(double constant) : value(constant) {}

  /// f of one number with the derivative `slope` there.
  Dual through(double f, double slope) const {
    Dual result(f);
    for (int i = 0; i < 4; ++i) result.by[i] = slope * by[i];
    return result;
  }
};

/// f of two numbers, with its derivatives by either.
Dual combine(double f, const Dual &a, double by_a, const Dual &b, double by_b) {
  Dual result(f);
  for (int i = 0; i < 4; ++i) result.by[i] = by_a * a.by[i] + by_b * b.by[i];
  return result;
}

Dual operator+(const Dual &a, const Dual &b) { return combine(a.value + b.value, a, 1, b, 1); }
Dual operator-(const Dual &a, const Dual &b) { return combine(a.value - b.value, a, 1, b, -1); }
Dual operator*(const Dual &a, const Dual &b) {
  return combine(a.value * b.value, a, b.value, b, a.value);
}
Dual operator/(const Dual &a, const Dual &b) {
  return combine(a.value / b.value, a, 1 / b.value, b, -a.value / (b.value * b.value));
}
Dual max(const Dual &a, const Dual &b) { return a.value < b.value ? b : a; }
Dual min(const Dual &a, const Dual &b) { return b.value < a.value ? b : a; }
Dual square(const Dual &a) { return a * a; }
Dual abs(const Dual &a) {
  return a.through(std::abs(a.value), a.value > 0 ? 1 : a.value < 0 ? -1 : 0);
}
Dual exp(const Dual &a) { return a.through(std::exp(a.value), std::exp(a.value)); }
Dual log(const Dual &a) { return a.through(std::log(a.value), 1 / a.value); }
Dual power(const Dual &a, double exponent) {
  return a.through(std::pow(a.value, exponent), exponent * std::pow(a.value, exponent - 1));
}

struct Box {
  Dual x1, y1, x2, y2;

  Dual width() const { return x2 - x1; }
  Dual height() const { return y2 - y1; }
  Dual area() const { return width() * height(); }
};

/// The prediction, the target and what the formulas have in common.
struct Pair {
  Box box, truth;
  Dual intersection, united, iou;
  /// The smallest enclosing box, and the differences of the centres.
  Dual enclosing_width, enclosing_height, center_x, center_y;

  Pair(const Box &b, const Box &g)
      : box(b),
        truth(g),
        intersection(max(min(b.x2, g.x2) - max(b.x1, g.x1), 0) *
                     max(min(b.y2, g.y2) - max(b.y1, g.y1), 0)),
        united(b.area() + g.area() - intersection),
        iou(intersection / (united + epsilon)),
        enclosing_width(max(b.x2, g.x2) - min(b.x1, g.x1)),
        enclosing_height(max(b.y2, g.y2) - min(b.y1, g.y1)),
        center_x((b.x1 + b.x2 - g.x1 - g.x2) / 2),
        center_y((b.y1 + b.y2 - g.y1 - g.y2) / 2) {}

  std::array<Dual, 4> differences() const {
    return {box.x1 - truth.x1, box.y1 - truth.y1, box.x2 - truth.x2, box.y2 - truth.y2};
  }
};

Dual l1(const Pair &pair, const LossOptions &) {
  Dual sum = 0;
  for (const Dual &x : pair.differences()) sum = sum + abs(x);
  return sum;
}

Dual l2(const Pair &pair, const LossOptions &) {
  Dual sum = 0;
  for (const Dual &x : pair.differences()) sum = sum + square(x);
  return sum;
}

Dual smooth_l1(const Pair &pair, const LossOptions &options) {
  const double beta = options.number("beta", 1);
  Dual sum = 0;
  for (const Dual &x : pair.differences()) {
    const bool small = std::abs(x.value) < beta;
    sum = sum + (small ? square(x) / (2 * beta) : abs(x) - beta / 2);
  }
  return sum;
}

Dual iou(const Pair &pair, const LossOptions &options) {
  return options.flag("linear") ? 1 - pair.iou : 0 - log(max(pair.iou, epsilon));
}

Dual giou(const Pair &pair, const LossOptions &) {
  const Dual enclosing = pair.enclosing_width * pair.enclosing_height;
  return 1 - (pair.iou - (enclosing - pair.united) / (enclosing + epsilon));
}

Dual diou(const Pair &pair, const LossOptions &) {
  const Dual distance = square(pair.center_x) + square(pair.center_y);
  const Dual diagonal = square(pair.enclosing_width) + square(pair.enclosing_height);
  return 1 - pair.iou + distance / (diagonal + epsilon);
}

/// atan2(w, h) with the denominator of its derivative bounded.
Dual angle(const Dual &w, const Dual &h) {
  const double bound = std::max(w.value * w.value + h.value * h.value, epsilon);
  return combine(std::atan2(w.value, h.value), w, h.value / bound, h, -w.value / bound);
}

Dual ciou(const Pair &pair, const LossOptions &options) {
  const double pi = std::acos(-1.0);
  const Dual v = 4 / (pi * pi) *
                 square(angle(pair.truth.width(), pair.truth.height()) -
                        angle(pair.box.width(), pair.box.height()));
  // A plain number: α is held constant.
  const double alpha = v.value / std::max(1 - pair.iou.value + v.value + epsilon, epsilon);
  return diou(pair, options) + alpha * v;
}

Dual eiou(const Pair &pair, const LossOptions &options) {
  const Dual width = pair.box.width() - pair.truth.width();
  const Dual height = pair.box.height() - pair.truth.height();
  return diou(pair, options) + square(width) / (square(pair.enclosing_width) + epsilon) +
         square(height) / (square(pair.enclosing_height) + epsilon);
}

Dual alpha_iou(const Pair &pair, const LossOptions &options) {
  return 1 - power(pair.iou, options.number("alpha", 3));
}

Dual siou(const Pair &pair, const LossOptions &) {
  const Dual dx = pair.center_x, dy = pair.center_y;
  const Dual lambda = 2 * abs(dx) * abs(dy) / max(square(dx) + square(dy), epsilon);
  const auto distance = [&](const Dual &d, const Dual &side) {
    return 1 - exp((lambda - 2) * square(d) / (square(side) + epsilon));
  };
  const auto shape = [](const Dual &side, const Dual &truth) {
    const Dual omega = abs(side - truth) / max(max(side, truth), epsilon);
    return square(square(1 - exp(0 - omega)));
  };
  const Dual distances =
      distance(dx, pair.enclosing_width) + distance(dy, pair.enclosing_height);
  const Dual shapes = shape(pair.box.width(), pair.truth.width()) +
                      shape(pair.box.height(), pair.truth.height());
  return 1 - pair.iou + (distances + shapes) / 2;
}

const std::map<std::string, Dual (*)(const Pair &, const LossOptions &)> losses_by_name = {
    {"l1", l1},     {"l2", l2},     {"smooth_l1", smooth_l1}, {"iou", iou},
    {"giou", giou}, {"diou", diou}, {"ciou", ciou},           {"eiou", eiou},
    {"siou", siou}, {"alpha_iou", alpha_iou},
};

/// A box whose coordinates are what derivatives are taken by, or constants.
Box box_at(const double *corners, bool varies) {
  Box box{corners[0], corners[1], corners[2], corners[3]};
  if (varies) box.x1.by[0] = box.y1.by[1] = box.x2.by[2] = box.y2.by[3] = 1;
  return box;
}

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
      const Pair pair(box_at(prediction + 4 * i, true), box_at(target + 4 * i, false));
      const Dual result = loss->second(pair, given);
      losses[i] = result.value;
      if (gradient) std::copy_n(result.by.begin(), 4, gradient + 4 * i);
    }
    if (count > 0) given.require_known(name);
  });
}
