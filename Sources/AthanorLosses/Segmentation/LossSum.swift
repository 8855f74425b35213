import AthanorCore
import AthanorTensor

/// A weighted sum of segmentation losses: Σ_k weight_k · loss_k.
///
/// Memory: the gradient of one term and the sum of those before it.
public struct LossSum: SegmentationLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// The losses, each a name or a name with options.
    public var losses: [Selection] = [Selection("cross_entropy"), Selection("dice")]
    /// A weight for each; 1 for all by default.
    public var weights: [Double] = []

    public init() {}
  }

  public static let name = "sum"
  public static let summary = "a weighted sum of losses"
  public static let source = "–"

  private var terms: [(loss: any SegmentationLoss, weight: Double)]

  public init(_ options: Options) throws {
    try require(!options.losses.isEmpty, "\(Self.name).losses", "at least one loss", "none")
    try require(
      options.weights.isEmpty || options.weights.count == options.losses.count,
      "\(Self.name).weights", "\(options.losses.count) numbers", options.weights)
    try require(
      options.weights.allSatisfy(\.isFinite), "\(Self.name).weights", "finite numbers",
      options.weights)
    terms = try options.losses.enumerated().map { i, selection in
      let loss = try segmentationLosses.make(selection, at: "\(Self.name).losses[\(i)]")
      return (loss, options.weights.isEmpty ? 1 : options.weights[i])
    }
  }

  /// With the default of each option that is not given.
  public init(
    losses: [Selection] = Options().losses, weights: [Double] = Options().weights
  ) throws {
    var options = Options()
    options.losses = losses
    options.weights = weights
    try self.init(options)
  }

  public var needsFrequencies: Bool { terms.contains { $0.loss.needsFrequencies } }

  public func fitted(to frequencies: ClassFrequencies) -> LossSum {
    var sum = self
    sum.terms = terms.map { ($0.loss.fitted(to: frequencies), $0.weight) }
    return sum
  }

  public func incompatibility(classes: Int) -> String? {
    terms.lazy.compactMap { $0.loss.incompatibility(classes: classes) }.first
  }

  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    self(logits, target, epoch: 0)
  }

  public func callAsFunction(_ logits: Tensor, _ target: Tensor, epoch: Int) -> Tensor {
    let losses = terms.map { $0.loss(logits, target, epoch: epoch) * $0.weight }
    return losses.dropFirst().reduce(losses[0]) { $0 + $1 }
  }
}
