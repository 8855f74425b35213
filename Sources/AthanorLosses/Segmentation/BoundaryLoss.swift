import AthanorCore
import AthanorKernels
import AthanorTensor

/// The mean over valid pixels and the classes 1…C−1 of p_c·φ_c, φ the signed distance to the
/// class's boundary: positive outside, negative inside. With `region`, a·region + b·boundary.
///
/// φ is in pixels: outside the class the distance to it, inside −(distance to its outside − 1), 0
/// where the class is absent or fills the image.
/// Range: may be negative. Its minima are not those of overlap where classes differ in size, so it
/// is used together with a region loss; `delta` moves weight from that to this at the end of each
/// epoch: a ← max(.1, a − δ), b ← b + δ ("rebalance").
///
/// Memory: the gradient overwrites φ; the gradient of `region` is a second tensor of that size.
/// Source: Kervadec et al. 2019, eq. 5; section 3.
public struct BoundaryLoss: SoftmaxLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// The region loss to add, such as `generalized_dice`; none by default.
    public var region: String?
    /// The weight of the region loss.
    public var a = 1.0
    /// The weight of the boundary loss where there is a region loss.
    public var b = 0.01
    /// How much weight moves from a to b after each epoch.
    public var delta = 0.01

    public init() {}
  }

  public static let name = "boundary"
  public static let summary = "probability times signed distance to the boundary"
  public static let source = "Kervadec et al. 2019, eq. 5"

  public init(_ options: Options) throws {
    for (key, value) in [("a", options.a), ("b", options.b), ("delta", options.delta)] {
      try require(value >= 0 && value.isFinite, "\(Self.name).\(key)", "a number from 0", value)
    }
    self.options = options
    region = try options.region.map {
      try segmentationLosses.make(Selection($0), at: "\(Self.name).region")
    }
  }

  /// With the default of each option that is not given.
  public init(
    region: String? = nil, a: Double = Options().a, b: Double = Options().b,
    delta: Double = Options().delta
  ) throws {
    var options = Options()
    options.region = region
    options.a = a
    options.b = b
    options.delta = delta
    try self.init(options)
  }

  private let options: Options
  private var region: (any SegmentationLoss)?

  public var needsFrequencies: Bool { region?.needsFrequencies ?? false }

  public func fitted(to frequencies: ClassFrequencies) -> BoundaryLoss {
    var loss = self
    loss.region = region?.fitted(to: frequencies)
    return loss
  }

  public func callAsFunction(
    _ logits: Tensor, _ target: Tensor, epoch: Int
  ) -> Tensor {
    guard let region else { return fused(logits, target) }
    let moved = Double(epoch) * options.delta
    return region(logits, target) * max(min(0.1, options.a), options.a - moved)
      + fused(logits, target) * (options.b + moved)
  }

  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    self(logits, target, epoch: 0)
  }

  func maps<T: FloatingScalar & TensorScalar>(
    _ target: Tensor, channels: Int, _ type: T.Type
  ) -> Tensor? {
    signedDistances(target, channels: channels, T.self)
  }

  // Sums: V, Σ p_c·φ_c over the classes 1…C−1.
  func sums(classes: Int) -> Int { 2 }

  func accumulate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, into sums: Rows<T>) {
    block.normalize()
    for i in 0..<SoftmaxBlock<T>.lanes { sums[0][i] += block.valid[i] }
    for c in 1..<block.classes {
      let (p, distance, sum) = (block.p[c], block.map[c - block.shift], sums[1])
      for i in 0..<SoftmaxBlock<T>.lanes { sum[i] += p[i] * distance[i] }
    }
  }

  // Factor: 1/(V·(C − 1)).
  func value(of sums: [Double], classes: Int, channels: Int) -> (loss: Double, factors: [Double]?) {
    guard sums[0] > 0 else { return (0, nil) }
    let scale = 1 / (sums[0] * Double(classes - 1))
    return (sums[1] * scale, [scale])
  }

  func differentiate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, factors: [T]) {
    block.normalize()
    for i in 0..<SoftmaxBlock<T>.lanes { block.d[0][i] = 0 }
    for c in 1..<block.classes {
      let (d, distance) = (block.d[c], block.map[c - block.shift])
      for i in 0..<SoftmaxBlock<T>.lanes { d[i] = distance[i] * factors[0] }
    }
    block.backpropagateSoftmax()
  }
}
