import ArgumentParser
import AthanorCore
import AthanorExperiment

/// Options with integers that have limits: each of a command's integer options is listed in its
/// `limits`, which are checked before the command runs.
protocol LimitedOptions: ParsableArguments {
  var limits: [Limit] { get }
}

/// An option's value and its allowed range.
struct Limit {
  let option: String
  let value: Int?
  let range: ClosedRange<Int>

  init(_ option: String, _ value: Int?, _ range: ClosedRange<Int>) {
    (self.option, self.value, self.range) = (option, value, range)
  }

  /// Any seed that a configuration may also have.
  static func seed(_ value: Int?) -> Limit { Limit("seed", value, Int(Int32.min)...Int(Int32.max)) }

  /// A count without an upper limit of its own.
  static func count(_ option: String, _ value: Int?, from least: Int = 1) -> Limit {
    Limit(option, value, least...largestCount)
  }
}

extension LimitedOptions {
  func validate() throws { try checkLimits() }

  /// For commands that validate more than their limits.
  func checkLimits() throws {
    for limit in limits {
      guard let value = limit.value, !limit.range.contains(value) else { continue }
      throw ValidationError(
        "--\(limit.option): expected \(limit.range.lowerBound) to \(limit.range.upperBound), "
          + "received \(value)")
    }
  }
}
