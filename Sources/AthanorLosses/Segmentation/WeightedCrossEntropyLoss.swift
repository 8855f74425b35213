import AthanorCore
import AthanorKernels
import AthanorTensor

/// Cross entropy with weights against class imbalance, and U-Net's weights for the borders
/// between objects.
///
/// Σ w(x)(−ln p_t) / Σ w(x), w(x) = w_t + w₀·exp(−(d₁ + d₂)²/2σ²): w_t the weight of the pixel's
/// class, d₁ and d₂ its distances to the two nearest objects (8-connected components) of one
/// foreground class. The largest term of all classes is taken; a class with fewer than two objects
/// has none.
///
/// Source: Eigen & Fergus 2015; Paszke et al. 2016; Ronneberger et al. 2015, eq. 2.
public struct WeightedCrossEntropyLoss: SoftmaxLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// How class weights follow from frequencies.
    public var scheme = ClassWeighting.inverseFrequency
    /// The frequency of each class. By default that in the training masks, or outside of training
    /// that in each batch.
    public var frequencies: [Double]?
    /// The weights themselves, instead of a scheme.
    public var classWeights: [Double]?
    /// w₀: the weight of a border; 0 for none (U-Net: 10).
    public var borderWeight = 0.0
    /// σ, pixels.
    public var borderSigma = 5.0

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case scheme, frequencies
      case classWeights = "class_weights"
      case borderWeight = "border_weight"
      case borderSigma = "border_sigma"
    }
  }

  public static let name = "weighted_cross_entropy"
  public static let summary = "cross entropy weighed by class frequency and by gaps of objects"
  public static let source = "Eigen & Fergus 2015; Paszke et al. 2016; Ronneberger et al. 2015"

  private let options: Options
  private var weights: [Double]?

  public init(_ options: Options) throws {
    try requireWeights(options.classWeights, "\(Self.name).class_weights")
    try requireWeights(options.frequencies, "\(Self.name).frequencies")
    try require(
      options.borderWeight >= 0 && options.borderWeight.isFinite, "\(Self.name).border_weight",
      "a number from 0", options.borderWeight)
    try require(
      options.borderSigma > 0 && options.borderSigma.isFinite, "\(Self.name).border_sigma",
      "a positive number", options.borderSigma)
    self.options = options
    weights = options.classWeights ?? options.frequencies.map { options.scheme.weights($0) }
  }

  /// With the default of each option that is not given.
  public init(
    scheme: ClassWeighting = Options().scheme, frequencies: [Double]? = nil,
    classWeights: [Double]? = nil, borderWeight: Double = Options().borderWeight,
    borderSigma: Double = Options().borderSigma
  ) throws {
    var options = Options()
    options.scheme = scheme
    options.frequencies = frequencies
    options.classWeights = classWeights
    options.borderWeight = borderWeight
    options.borderSigma = borderSigma
    try self.init(options)
  }

  public func incompatibility(classes: Int) -> String? {
    (weights.map { $0.count == classes } ?? true)
      ? nil : "\(weights!.count) weights for \(classes) classes"
  }

  public var needsFrequencies: Bool { weights == nil }

  public func fitted(to frequencies: ClassFrequencies) -> WeightedCrossEntropyLoss {
    guard needsFrequencies else { return self }
    var loss = self
    loss.weights = options.scheme.weights(frequencies)
    return loss
  }

  func maps<T: FloatingScalar & TensorScalar>(
    _ target: Tensor, channels: Int, _ type: T.Type
  ) -> Tensor? {
    options.borderWeight > 0
      ? borderWeights(target, weight: options.borderWeight, sigma: options.borderSigma, T.self)
      : nil
  }

  // Sums: Σ w, Σ −w ln p_t.
  func sums(classes: Int) -> Int { 2 }

  func accumulate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, into sums: Rows<T>) {
    let (weight, loss) = (sums[0], sums[1])
    let gaps = gaps(block)
    for c in 0..<block.classes {
      let (x, w, label) = (block.x[c], T(weights![c]), T(c))
      for i in 0..<SoftmaxBlock<T>.lanes {
        // Selected, not multiplied: a logit of −∞ at another class would give 0·∞.
        let isHit = block.target[i] == label
        weight[i] += isHit ? w + gaps[i] : 0
        loss[i] += isHit ? (w + gaps[i]) * (block.logTotal[i] - x[i]) : 0
      }
    }
  }

  // Factor: 1/Σ w.
  func value(of sums: [Double], classes: Int, channels: Int) -> (loss: Double, factors: [Double]?) {
    sums[0] > 0 ? (sums[1] / sums[0], [1 / sums[0]]) : (0, nil)
  }

  func differentiate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, factors: [T]) {
    block.normalize()
    let (gaps, scale) = (gaps(block), block.scratch[1])
    for i in 0..<SoftmaxBlock<T>.lanes { scale[i] = 0 }
    for c in 0..<block.classes {
      let (w, label) = (T(weights![c]), T(c))
      for i in 0..<SoftmaxBlock<T>.lanes {
        scale[i] += block.target[i] == label ? (w + gaps[i]) * factors[0] : 0
      }
    }
    for c in 0..<block.classes {
      let (p, d, label) = (block.p[c], block.d[c], T(c))
      for i in 0..<SoftmaxBlock<T>.lanes {
        d[i] = scale[i] * (block.target[i] == label ? p[i] - 1 : p[i])
      }
    }
  }

  /// The map's row, or zeros.
  @inline(__always)
  private func gaps<T: FloatingScalar>(_ block: SoftmaxBlock<T>) -> Lanes<T> {
    if options.borderWeight > 0 { return block.map[0] }
    let none = block.scratch[0]
    for i in 0..<SoftmaxBlock<T>.lanes { none[i] = 0 }
    return none
  }
}
