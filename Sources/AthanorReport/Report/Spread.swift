import AthanorExperiment
/// The spread of a number over seeds: mean, standard deviation (n − 1) and count.
public struct Spread: Equatable, Sendable {
  public var mean: Double
  /// Nil for a single value, which has no spread.
  public var deviation: Double?
  public var count: Int

  /// Nil without any finite value; values that are not finite are left out.
  public init?(_ values: some Sequence<Double>) {
    let values = values.filter(\.isFinite)
    guard !values.isEmpty else { return nil }
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    deviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : nil
  }
}
