// Checks of options, with the error a user can act on.

public func requirePositive(_ value: Double, _ key: String) throws {
  guard value > 0, value.isFinite else {
    throw SettingsError(key: key, expected: "a positive number", received: "\(value)")
  }
}

public func requireNotNegative(_ value: Double, _ key: String) throws {
  guard value >= 0, value.isFinite else {
    throw SettingsError(key: key, expected: "a number from 0", received: "\(value)")
  }
}

public func requireFraction(_ value: Double, _ key: String) throws {
  guard (0..<1).contains(value) else {
    throw SettingsError(key: key, expected: "a number in [0, 1)", received: "\(value)")
  }
}

/// The largest count of anything: beyond any use, and small enough that arrays of that size, and
/// sums and products of such counts, do not overflow.
public let largestCount = 1_000_000

public func requireAtLeast(_ minimum: Int, _ value: Int, _ key: String) throws {
  try requireRange(minimum...largestCount, value, key)
}

public func requireRange(_ range: ClosedRange<Int>, _ value: Int, _ key: String) throws {
  guard range.contains(value) else {
    throw SettingsError(
      key: key, expected: "an integer from \(range.lowerBound) to \(range.upperBound)",
      received: "\(value)")
  }
}
