import AthanorCore
import AthanorLosses
import AthanorTensor
import Foundation

/// The simulation of the DIoU paper: boxes with many positions, scales and aspect ratios around
/// seven targets follow the gradient of each loss, and the remaining error shows which losses move
/// which boxes.
///
/// Targets: area 1 at (10, 10), width : height 1:4, 1:3, 1:2, 1:1, 2:1, 3:1, 4:1. Boxes: at points
/// spread evenly in a disk of radius 3 around the targets, areas .5, .67, .75, 1, 1.33, 1.5, 2,
/// with the same seven aspect ratios. Each step is b ← b − η(2 − IoU)·∂L/∂b for b = (x,
/// y, w, h), with η = .1, then .01 from 80 % of the steps on, and .001 from 90 %. Error: Σ |x| +
/// |y| + |w| + |h| of the differences.
/// Source: Zheng et al., Distance-IoU Loss, AAAI 2020, section 3.1 and algorithm 1.
public struct BoxRegression: Sendable {
  /// The losses of the paper under their names here, where IoU is 1 − IoU, and later losses.
  public static let usualLosses = [
    Selection("iou", [.init("linear", .bool(true))]), Selection("giou"), Selection("diou"),
    Selection("ciou"), Selection("eiou"), Selection("siou"),
  ]

  public var losses = usualLosses
  /// Points in the disk; the paper has 5,000.
  public var points = 1000
  /// The paper uses 200. By then the farthest boxes are still moving with DIoU, which starts slower
  /// than GIoU; at 300 the errors have the paper's order: IoU, GIoU, DIoU, CIoU.
  public var steps = 300
  public var seed = 0

  public init() {}

  public struct Curve: Sendable {
    public var name: String
    /// The mean error of a box before the first step and after each.
    public var errors: [Double]
    /// The mean remaining error, by the initial distance of the boxes from the target's centre, in
    /// six rings of half a unit each.
    public var leftByDistance: [Double]
  }

  static let shapes: [(width: Double, height: Double)] = [
    (1, 4), (1, 3), (1, 2), (1, 1), (2, 1), (3, 1), (4, 1),
  ]
  static let areas = [0.5, 0.67, 0.75, 1, 1.33, 1.5, 2]
  private static let center = 10.0
  private static let rings = 6

  /// The total number of boxes over all targets.
  public var count: Int { points * Self.areas.count * Self.shapes.count * Self.shapes.count }

  /// Returns one curve per loss. `progress` receives the steps done, out of `losses.count * shapes
  /// * steps`.
  public func callAsFunction(progress: (Int) -> Void) throws -> [Curve] {
    let start = boxes()
    var done = 0
    return try losses.map { selection in
      let loss = try boxLosses.make(selection, at: "losses")
      var curve = Curve(
        name: selection.name, errors: [Double](repeating: 0, count: steps + 1),
        leftByDistance: [Double](repeating: 0, count: Self.rings))
      var perRing = [Double](repeating: 0, count: Self.rings)
      for shape in Self.shapes {
        let side = (1 / (shape.width * shape.height)).squareRoot()
        let target = Box(
          x: Self.center, y: Self.center, width: shape.width * side, height: shape.height * side)
        let truth = Self.corners([Box](repeating: target, count: start.count))
        var moving = start
        curve.errors[0] += Self.error(moving, target)
        for step in 0..<steps {
          descend(&moving, to: target, truth, loss, step)
          curve.errors[step + 1] += Self.error(moving, target)
          done += 1
          progress(done)
        }
        for (first, last) in zip(start, moving) {
          let (x, y) = (first.x - Self.center, first.y - Self.center)
          let ring = min(Self.rings - 1, Int((x * x + y * y).squareRoot() * 2))
          curve.leftByDistance[ring] += last.distance(target)
          perRing[ring] += 1
        }
      }
      curve.errors = curve.errors.map { $0 / Double(count) }
      curve.leftByDistance = zip(curve.leftByDistance, perRing).map { $1 > 0 ? $0 / $1 : 0 }
      return curve
    }
  }

  private struct Box {
    var x, y, width, height: Double

    func distance(_ other: Box) -> Double {
      abs(x - other.x) + abs(y - other.y) + abs(width - other.width) + abs(height - other.height)
    }

    func overlap(_ other: Box) -> Double {
      let w =
        min(x + width / 2, other.x + other.width / 2)
        - max(x - width / 2, other.x - other.width / 2)
      let h =
        min(y + height / 2, other.y + other.height / 2)
        - max(y - height / 2, other.y - other.height / 2)
      let both = max(0, w) * max(0, h)
      return both / (width * height + other.width * other.height - both)
    }
  }

  /// x1, y1, x2, y2 of each box.
  private static func corners(_ boxes: [Box]) -> Tensor {
    let values = [Double](unsafeUninitializedCapacity: 4 * boxes.count) { values, count in
      for (i, box) in boxes.enumerated() {
        values[4 * i] = box.x - box.width / 2
        values[4 * i + 1] = box.y - box.height / 2
        values[4 * i + 2] = box.x + box.width / 2
        values[4 * i + 3] = box.y + box.height / 2
      }
      count = 4 * boxes.count
    }
    return Tensor(values, shape: [boxes.count, 4])
  }

  private func boxes() -> [Box] {
    var generator = Generator(seed)
    var result: [Box] = []
    for _ in 0..<points {
      // Evenly distributed over the disk's area.
      let (radius, angle) = (3 * generator.uniform().squareRoot(), generator.uniform(0, 2 * .pi))
      let (x, y) = (radius * cos(angle), radius * sin(angle))
      for area in Self.areas {
        for shape in Self.shapes {
          let side = (area / (shape.width * shape.height)).squareRoot()
          result.append(
            Box(
              x: Self.center + x, y: Self.center + y, width: shape.width * side,
              height: shape.height * side))
        }
      }
    }
    return result
  }

  private static func error(_ boxes: [Box], _ target: Box) -> Double {
    boxes.reduce(0) { $0 + $1.distance(target) }
  }

  private func descend(
    _ boxes: inout [Box], to target: Box, _ truth: Tensor, _ loss: any BoxLoss, _ step: Int
  ) {
    let rate = step < steps * 8 / 10 ? 0.1 : step < steps * 9 / 10 ? 0.01 : 0.001
    let corners = Self.corners(boxes).variable()
    let slopes = gradients(of: loss(corners, truth).sum(), for: [corners])[0]!
    let g = slopes.array(of: Double.self)
    for i in boxes.indices {
      let scale = rate * (2 - boxes[i].overlap(target))
      let (x1, y1, x2, y2) = (g[4 * i], g[4 * i + 1], g[4 * i + 2], g[4 * i + 3])
      boxes[i].x -= scale * (x1 + x2)
      boxes[i].y -= scale * (y1 + y2)
      // The least length of a side is one thousandth.
      boxes[i].width = max(1e-3, boxes[i].width - scale * (x2 - x1) / 2)
      boxes[i].height = max(1e-3, boxes[i].height - scale * (y2 - y1) / 2)
    }
  }
}
