import Foundation

/// A number with a fixed count of decimals, for people.
public func fixed(_ value: Double, _ decimals: Int) -> String {
  String(format: "%.\(decimals)f", value)
}
