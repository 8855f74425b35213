import AthanorCore
import AthanorKernels

/// Soft Dice: one minus the F1 score of probabilities, averaged over the classes.
///
/// Per class 1 − (2I+s)/max(Σp+Σg+s, ε), 0 where the class is absent from the target; mean over all C.
/// Sums run over the whole batch. `squared` takes Σp²+Σg² for the denominator. A single channel has
/// one class, the foreground.
///
/// Source: Milletari et al. 2016 (V-Net), whose denominator is `squared`.
public struct DiceLoss: SoftmaxLoss {
  public enum Denominator: String, Codable, Sendable, CaseIterable { case sum, squared }

  public struct Options: Codable, Sendable, DefaultInitializable {
    /// s: added above and below.
    public var smooth = 0.0
    /// ε: the least denominator.
    public var epsilon = 1e-7
    public var denominator = Denominator.sum

    public init() {}
  }

  public static let name = "dice"
  public static let summary = "1 - soft F1 score, mean over the classes"
  public static let source = "Milletari et al. 2016"

  private let options: Options

  public init(_ options: Options = Options()) throws {
    try require(
      options.smooth >= 0 && options.smooth.isFinite, "\(Self.name).smooth", "a number from 0",
      options.smooth)
    try require(
      options.epsilon > 0 && options.epsilon.isFinite, "\(Self.name).epsilon",
      "a positive number", options.epsilon)
    self.options = options
  }

  // Sums, for each class: I = Σpg, Σp (or Σp²), Σg.
  func sums(classes: Int) -> Int { 3 * classes }

  func accumulate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, into sums: Rows<T>) {
    block.normalize()
    let squared = options.denominator == .squared
    for c in 0..<block.classes {
      let (p, label) = (block.p[c], T(c))
      let (overlap, predicted, truth) = (sums[3 * c], sums[3 * c + 1], sums[3 * c + 2])
      for i in 0..<SoftmaxBlock<T>.lanes {
        let g: T = block.target[i] == label ? 1 : 0
        overlap[i] += p[i] * g
        predicted[i] += block.valid[i] * (squared ? p[i] * p[i] : p[i])
        truth[i] += g
      }
    }
  }

  // Factors, for each class, of dL/dp = a·g + b + e·p: a, b, e.
  func value(of sums: [Double], classes: Int, channels: Int) -> (loss: Double, factors: [Double]?) {
    var (loss, factors) = (0.0, [Double](repeating: 0, count: 3 * classes))
    for c in (classes - channels)..<classes where sums[3 * c + 2] > 0 {
      let top = 2 * sums[3 * c] + options.smooth
      let whole = sums[3 * c + 1] + sums[3 * c + 2] + options.smooth
      let bottom = max(whole, options.epsilon)
      loss += (1 - top / bottom) / Double(channels)
      factors[3 * c] = -2 / bottom / Double(channels)
      guard whole >= options.epsilon else { continue }
      let change = top / (bottom * bottom) / Double(channels)
      switch options.denominator {
      case .sum: factors[3 * c + 1] = change
      case .squared: factors[3 * c + 2] = 2 * change
      }
    }
    return (loss, factors)
  }

  func differentiate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, factors: [T]) {
    block.normalize()
    for c in 0..<block.classes {
      let (p, d, label) = (block.p[c], block.d[c], T(c))
      let (hit, miss, slope) = (factors[3 * c], factors[3 * c + 1], factors[3 * c + 2])
      for i in 0..<SoftmaxBlock<T>.lanes {
        d[i] =
          block.valid[i] * ((block.target[i] == label ? hit + miss : miss) + slope * p[i])
      }
    }
    block.backpropagateSoftmax()
  }
}
