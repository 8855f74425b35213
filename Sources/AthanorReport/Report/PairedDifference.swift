import AthanorExperiment
import Foundation

/// The difference between two methods on the same seeds.
///
///     d_s = a_s − b_s,  mean(d) ± t(.975, n − 1) · sd(d) / √n
///
/// Pairing removes the effect that a seed has on both methods. The interval is that of Student's t
/// for a single comparison; it is not corrected for multiple comparisons.
public struct PairedDifference: Equatable, Sendable {
  public var mean: Double
  /// Half the width of the 95 % interval; nil for a single seed.
  public var halfWidth: Double?
  /// The number of seeds that both methods have.
  public var count: Int

  /// Takes values by seed. Nil where no seed has a finite value for both methods.
  public init?(_ values: [Int: Double], minus baseline: [Int: Double]) {
    let differences = values.sorted { $0.key < $1.key }.compactMap { seed, value in
      baseline[seed].map { value - $0 }
    }
    guard let spread = Spread(differences) else { return nil }
    mean = spread.mean
    count = spread.count
    halfWidth = spread.deviation.map {
      StudentT.quantile(0.975, degrees: spread.count - 1) * $0 / Double(spread.count).squareRoot()
    }
  }

  /// The least number of seeds for any conclusion: with two seeds the interval extends nine
  /// standard deviations to each side.
  public static let fewestSeeds = 3

  /// Whether there are enough seeds to conclude that the methods differ, or that they do not.
  public var isDecidable: Bool { count >= Self.fewestSeeds }

  /// Whether the whole interval is on one side of 0.
  public var excludesZero: Bool { halfWidth.map { abs(mean) > $0 } ?? false }
}

/// Student's t distribution.
public enum StudentT {
  /// P(|T| ≤ t) with an integer number of degrees of freedom.
  ///
  /// Source: Abramowitz & Stegun, 26.7.3 and 26.7.4.
  public static func central(_ t: Double, degrees: Int) -> Double {
    precondition(degrees > 0, "StudentT: \(degrees) degrees of freedom")
    let angle = atan(t / Double(degrees).squareRoot())
    let square = cos(angle) * cos(angle)
    let isOdd = degrees % 2 == 1
    var (sum, term) = (0.0, isOdd ? cos(angle) : 1.0)
    for k in stride(from: isOdd ? 3 : 2, through: degrees, by: 2) {
      sum += term
      term *= square * Double(k - 1) / Double(k)
    }
    return isOdd ? 2 / .pi * (angle + sin(angle) * sum) : sin(angle) * sum
  }

  /// The t below which a share `p` of the distribution lies, for ½ ≤ p < 1; computed by
  /// bisection.
  public static func quantile(_ p: Double, degrees: Int) -> Double {
    precondition((0.5..<1).contains(p), "StudentT.quantile: \(p) is not in ½..<1")
    var (low, high) = (0.0, 1.0)
    while central(high, degrees: degrees) < 2 * p - 1 { high *= 2 }
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if central(middle, degrees: degrees) < 2 * p - 1 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
