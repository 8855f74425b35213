import AthanorCore
import AthanorKernels

/// Softmax cross entropy over the valid pixels V.
///
/// [(1−ε)·Σ w_t(−ln p_t) + ε/C·Σ_x Σ_c w_c(−ln p_c)] / Σ w_t.
///
/// Source: PyTorch's `cross_entropy` with `ignore_index` 255.
public struct CrossEntropyLoss: SoftmaxLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// w: a weight for each class; 1 for all by default.
    public var classWeights: [Double]?
    /// ε: the share of the target spread evenly over the classes.
    public var labelSmoothing = 0.0

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case classWeights = "class_weights"
      case labelSmoothing = "label_smoothing"
    }
  }

  public static let name = "cross_entropy"
  public static let summary = "softmax cross entropy, with class weights and label smoothing"
  public static let source = "PyTorch's cross_entropy"

  private let weights: [Double]?
  private let smoothing: Double

  public init(_ options: Options) throws {
    try require(
      options.labelSmoothing >= 0 && options.labelSmoothing <= 1, "\(Self.name).label_smoothing",
      "a number from 0 to 1", options.labelSmoothing)
    try requireWeights(options.classWeights, "\(Self.name).class_weights")
    weights = options.classWeights
    smoothing = options.labelSmoothing
  }

  /// With the default of each option that is not given.
  public init(
    classWeights: [Double]? = nil, labelSmoothing: Double = Options().labelSmoothing
  ) throws {
    var options = Options()
    options.classWeights = classWeights
    options.labelSmoothing = labelSmoothing
    try self.init(options)
  }

  public func incompatibility(classes: Int) -> String? {
    (weights.map { $0.count == classes } ?? true)
      ? nil : "\(weights!.count) class weights for \(classes) classes"
  }

  // Sums: Σ w_t, Σ −w_t ln p_t, Σ_x Σ_c −w_c ln p_c.
  func sums(classes: Int) -> Int { smoothing > 0 ? 3 : 2 }

  func accumulate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, into sums: Rows<T>) {
    let (weight, loss) = (sums[0], sums[1])
    for c in 0..<block.classes {
      let (x, w, label) = (block.x[c], T(weights?[c] ?? 1), T(c))
      for i in 0..<SoftmaxBlock<T>.lanes {
        // Selected, not multiplied: a logit of −∞ at another class would give 0·∞.
        let isHit = block.target[i] == label
        weight[i] += isHit ? w : 0
        loss[i] += isHit ? w * (block.logTotal[i] - x[i]) : 0
      }
      guard smoothing > 0 else { continue }
      let all = sums[2]
      for i in 0..<SoftmaxBlock<T>.lanes {
        all[i] += block.valid[i] > 0 ? block.valid[i] * w * (block.logTotal[i] - x[i]) : 0
      }
    }
  }

  // Factors: (1−ε)/Σw_t, ε/(C·Σw_t), Σ_c w_c.
  func value(of sums: [Double], classes: Int, channels: Int) -> (loss: Double, factors: [Double]?) {
    guard sums[0] > 0 else { return (0, nil) }
    let (hard, soft) = ((1 - smoothing) / sums[0], smoothing / (Double(classes) * sums[0]))
    let all = weights.map { $0.reduce(0, +) } ?? Double(classes)
    return (hard * sums[1] + (smoothing > 0 ? soft * sums[2] : 0), [hard, soft, all])
  }

  func differentiate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, factors: [T]) {
    let (hard, soft, all) = (factors[0], factors[1], factors[2])
    block.normalize()
    // The factor of p_c: (1−ε)·w_t + ε/C·Σw, normalised.
    let scale = block.scratch[0]
    for i in 0..<SoftmaxBlock<T>.lanes { scale[i] = block.valid[i] * (hard + soft * all) }
    if let weights {
      for i in 0..<SoftmaxBlock<T>.lanes { scale[i] = block.valid[i] * soft * all }
      for c in 0..<block.classes {
        let (w, label) = (T(weights[c]) * hard, T(c))
        for i in 0..<SoftmaxBlock<T>.lanes { scale[i] += block.target[i] == label ? w : 0 }
      }
    }
    for c in 0..<block.classes {
      let (p, d, w, label) = (block.p[c], block.d[c], T(weights?[c] ?? 1), T(c))
      let (hit, miss) = (w * (hard + soft), w * soft)
      for i in 0..<SoftmaxBlock<T>.lanes {
        d[i] = scale[i] * p[i] - block.valid[i] * (block.target[i] == label ? hit : miss)
      }
    }
  }
}
