import Foundation

/// A number with a fixed count of decimals, for people.
public func fixed(_ value: Double, _ decimals: Int) -> String {
  String(format: "%.\(decimals)f", value)
}

/// The middle value, or the mean of the two in the middle. Traps without a value.
public func median(_ values: [Double]) -> Double {
  precondition(!values.isEmpty, "median: no values")
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
