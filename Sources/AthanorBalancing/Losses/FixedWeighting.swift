import AthanorCore
import AthanorTensor

/// Constant weights: Σ wᵢLᵢ.
///
/// A tuned fixed sum is a strong baseline (Kurin et al. 2022, Xin et al. 2022).
public final class FixedWeighting: LossWeighting {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Weights by task name; a task left out has weight 1.
    public var weights: [String: Double] = [:]

    public init() {}
  }

  public static let name = "fixed"
  public static let summary = "constant weights, 1 for each task unless given"
  public static let source = "–"

  private let options: Options
  private var coefficients: [Double] = []

  public init(_ options: Options) throws {
    self.options = options
    for (task, weight) in options.weights where !(weight >= 0 && weight.isFinite) {
      throw SettingsError(
        key: "weights.\(task)", expected: "a number from 0", received: "\(weight)")
    }
  }

  /// With the default of each option that is not given.
  public convenience init(weights: [String: Double] = Options().weights) throws {
    var options = Options()
    options.weights = weights
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) throws {
    let names = tasks.map(\.name)
    for name in options.weights.keys.sorted() where !names.contains(name) {
      throw SettingsError(
        key: "weighting.weights.\(name)",
        expected: "a task of this run (\(names.joined(separator: ", ")))", received: "'\(name)'",
        suggestion: nearestName(to: name, among: names))
    }
    coefficients = names.map { options.weights[$0] ?? 1 }
  }

  public var constants: [Double]? { coefficients }

  public func weights(_ losses: [Double], of tasks: [Int]) -> [Double] {
    tasks.map { coefficients[$0] }
  }
}
