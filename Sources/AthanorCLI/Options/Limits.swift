import ArgumentParser
import AthanorCore
import AthanorExperiment

/// What integers of options are held against: every one that a command has stands in its `limits`,
/// which is looked at before the command runs.
protocol LimitedOptions: ParsableArguments {
  var limits: [Limit] { get }
}

/// An option's value and the values that it may have.
struct Limit {
  let option: String
  let value: Int?
  let range: ClosedRange<Int>

  init(_ option: String, _ value: Int?, _ range: ClosedRange<Int>) {
    (self.option, self.value, self.range) = (option, value, range)
  }

  /// Any seed that a configuration can have too.
  static func seed(_ value: Int?) -> Limit { Limit("seed", value, Int(Int32.min)...Int(Int32.max)) }

  /// What is counted, without a limit of its own.
  static func count(_ option: String, _ value: Int?, from least: Int = 1) -> Limit {
    Limit(option, value, least...largestCount)
  }
}

extension LimitedOptions {
  func validate() throws { try checkLimits() }

  /// For a command that validates more.
  func checkLimits() throws {
    for limit in limits {
      guard let value = limit.value, !limit.range.contains(value) else { continue }
      throw ValidationError(
        "--\(limit.option): expected \(limit.range.lowerBound) to \(limit.range.upperBound), "
          + "received \(value)")
    }
  }
}
