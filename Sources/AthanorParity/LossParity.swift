import AthanorCore
import AthanorLosses
import AthanorTensor

/// The comparison of one loss with the float64 reference, in value and gradient.
public struct LossParity: Sendable {
  public let name: String
  private let cases: [any LossCase]

  public init(name: String, cases: [any LossCase]) {
    self.name = name
    self.cases = cases
  }

  /// Every loss of all loss registries.
  public static let all =
    segmentationLosses.names.map { LossParity(name: $0, cases: segmentationLossCases) }
    + boxLosses.names.map { LossParity(name: $0, cases: boxLossCases) }

  /// Compares the loss on every case, with its defaults and with other options.
  public func row() -> ParityReport.LossRow {
    var row = ParityReport.LossRow(loss: name)
    for item in cases {
      for selection in item.selections(of: name) {
        row.cases += 1
        let label =
          selection.options.isEmpty ? item.label : "\(item.label), \(selection.optionText)"
        do {
          for (dtype, distance) in [
            (DType.float64, \ParityReport.LossRow.double), (.float32, \.float),
          ] {
            let (ours, reference) = try item.evaluate(selection, in: dtype)
            row[keyPath: distance].add(ours, reference, item.isSmooth, label)
          }
        } catch {
          row.failure = row.failure ?? "\(error)"
        }
      }
    }
    return row
  }
}

/// The largest errors for one floating-point type.
public struct LossDistance: Equatable, Sendable {
  /// The largest |a−b|/max(1, |b|) of values.
  public private(set) var value = 0.0
  /// The largest ‖a−b‖/max(‖b‖, 1e-4) of gradients.
  public private(set) var gradient = 0.0
  /// The case in which the larger of the two was found.
  public private(set) var place = ""

  public var worst: Double { max(value, gradient) }

  mutating func add(
    _ ours: LossOutput, _ reference: LossOutput, _ isSmooth: Bool, _ label: String
  ) {
    let before = worst
    for (a, b) in zip(ours.values, reference.values) {
      value = max(value, Self.orInfinity(abs(a - b) / max(1, abs(b))))
    }
    if isSmooth {
      let apart = Self.norm(zip(ours.gradient, reference.gradient).map { $0 - $1 })
      gradient = max(gradient, Self.orInfinity(apart / max(Self.norm(reference.gradient), 1e-4)))
    }
    if worst > before { place = label }
  }

  private static func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// NaN counts as an infinite error.
  private static func orInfinity(_ x: Double) -> Double { x.isNaN ? .infinity : x }
}
