import AthanorCore
import Foundation

extension ParityReport {
  /// One loss over all inputs and options.
  public struct LossRow: Sendable {
    /// The largest error in float64 that counts as parity.
    public static let doubleTolerance = 1e-9
    public static let floatTolerance = 1e-5

    public var loss: String
    /// The number of inputs times options.
    public var cases = 0
    public var double = LossDistance()
    public var float = LossDistance()
    /// The message of an implementation that could not evaluate the loss.
    public var failure: String?

    public var isAtParity: Bool {
      failure == nil && double.worst <= Self.doubleTolerance && float.worst <= Self.floatTolerance
    }

    var json: JSON {
      [
        "loss": .string(loss), "cases": .integer(cases), "identical": .bool(isAtParity),
        "worstDouble": .number(double.worst), "worstFloat": .number(float.worst),
        "failure": failure.map { .string($0) } ?? .null,
      ]
    }

    /// Why the loss is not at parity.
    fileprivate var reason: String {
      if let failure { return failure }
      return double.worst > Self.doubleTolerance
        ? "f64 on \(double.place)" : "f32 on \(float.place)"
    }
  }

  var lossTable: String {
    func short(_ error: Double) -> String { error == 0 ? "0" : String(format: "%.1e", error) }
    let head = [
      "loss", "cases", "value f64", "gradient f64", "value f32", "gradient f32", "parity",
    ]
    let cells = losses.map { row in
      [
        row.loss, "\(row.cases)", short(row.double.value), short(row.double.gradient),
        short(row.float.value), short(row.float.gradient), row.isAtParity ? "yes" : row.reason,
      ]
    }
    return markdownTable([head] + cells) + """

      Worst relative errors against the C++ reference in float64; parity: at most \
      \(short(LossRow.doubleTolerance)) in f64, \(short(LossRow.floatTolerance)) in f32.

      """
  }
}
