/// The possible values of a tensor: of one in a checkpoint, checked before anything is loaded, or
/// of a network's output.
public enum StateRange: Sendable {
  /// Finite numbers: weights, moments.
  case finite
  /// As `finite`, or NaN for values not known yet.
  case finiteOrUnknown
  /// Finite numbers from 0: variances, sums of squares.
  case notNegative
  /// As `notNegative`, or NaN for values not known yet.
  case notNegativeOrUnknown
  /// Whole numbers from 0 to this one: counts of updates or batches.
  case count(upTo: Int)

  /// The expected range and the first value outside it; nil where all are in range.
  public func mismatch(_ tensor: Tensor) -> (expected: String, received: String)? {
    guard let index = firstOutside(tensor) else { return nil }
    let value = tensor.doubles[index]
    let place = tensor.count > 1 ? " at element \(index)" : ""
    return (expected, "\(value.isNaN ? "NaN" : "\(value)")\(place)")
  }

  private var expected: String {
    switch self {
    case .finite: "finite numbers"
    case .finiteOrUnknown: "finite numbers, or NaN"
    case .notNegative: "finite numbers from 0"
    case .notNegativeOrUnknown: "finite numbers from 0, or NaN"
    case .count(let limit): "whole numbers from 0 to \(limit)"
    }
  }

  private func contains(_ value: Double) -> Bool {
    switch self {
    case .finite: value.isFinite
    case .finiteOrUnknown: !value.isInfinite
    case .notNegative: value.isFinite && value >= 0
    case .notNegativeOrUnknown: value.isNaN || value.isFinite && value >= 0
    case .count(let limit): value >= 0 && value <= Double(limit) && value.rounded() == value
    }
  }

  private func firstOutside(_ tensor: Tensor) -> Int? {
    guard tensor.dtype == .float32 else {
      return tensor.doubles.firstIndex { !contains($0) }
    }
    let values = UnsafeBufferPointer(start: tensor.pointer(to: Float.self), count: tensor.count)
    // A finite sum means finite values; otherwise the sum may have overflowed, and each is checked.
    if case .finite = self, Self.sum(values).isFinite { return nil }
    return values.firstIndex { !contains(Double($0)) }
  }

  private static func sum(_ values: UnsafeBufferPointer<Float>) -> Float {
    var lanes = SIMD16<Float>.zero
    let whole = values.count / 16 * 16
    for i in stride(from: 0, to: whole, by: 16) {
      lanes += UnsafeRawPointer(values.baseAddress! + i).loadUnaligned(as: SIMD16<Float>.self)
    }
    return values[whole...].reduce(lanes.sum(), +)
  }
}
