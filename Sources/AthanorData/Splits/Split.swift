import AthanorCore

/// A part of a data set: for learning, for choosing, and for the final report.
public enum Split: String, CaseIterable, Codable, Sendable {
  case train, val, test
}

/// How samples are divided where a layout has no lists of its own.
///
/// The order is shuffled by the seed, the first `test` share of it is test, the next `val` share is
/// val, the rest train; within a split the samples keep the order of their names. A positive share
/// of two samples or more is at least one sample.
public struct SplitFractions: Codable, Equatable, Sendable {
  /// Shares in `0...1`.
  public var val: Double
  public var test: Double
  public var seed: Int

  public init(val: Double, test: Double, seed: Int) {
    self.val = val
    self.test = test
    self.seed = seed
  }

  /// The indices in `0..<count` that belong to `split`, ascending.
  public func indices(of split: Split, count: Int) -> [Int] {
    var generator = Generator(seed, 0x5b11)
    let order = generator.permutation(count)
    let testCount = share(test, of: count)
    let valCount = min(share(val, of: count), count - testCount)
    switch split {
    case .test: return order[..<testCount].sorted()
    case .val: return order[testCount..<(testCount + valCount)].sorted()
    case .train: return order[(testCount + valCount)...].sorted()
    }
  }

  private func share(_ fraction: Double, of count: Int) -> Int {
    guard fraction > 0, count > 1 else { return 0 }
    return min(count, max(1, Int((fraction * Double(count)).rounded())))
  }
}
