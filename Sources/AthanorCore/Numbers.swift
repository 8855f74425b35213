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

/// An integer with its thousands apart: 13,301,234.
public func grouped(_ value: Int) -> String {
  let digits = Array(String(abs(value)))
  var text = value < 0 ? "-" : ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return text
}
