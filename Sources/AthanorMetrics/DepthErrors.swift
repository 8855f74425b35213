/// The errors of predicted depths, over every valid pixel that was added.
///
///     absErr = mean |p − y|            relErr = mean |p − y|/y
///     rmse = √ mean (p − y)²           delta_k = share with max(p/y, y/p) < 1.25^k
///
/// A truth is valid where it is finite and above 0; a prediction of 0 or less is within no factor.
///
/// Units: absErr and rmse in the unit of depth, the others without.
/// Source: Eigen et al. 2014, §4.
public struct DepthErrors: Equatable, Sendable {
  public private(set) var pixels = 0
  private var absolute = 0.0
  private var relative = 0.0
  private var squared = 0.0
  private var within = [0, 0, 0]

  public init() {}

  /// Shapes: as many predictions as truths; traps otherwise.
  public mutating func add(prediction: [Float], truth: [Float]) {
    precondition(
      prediction.count == truth.count,
      "DepthErrors.add: \(prediction.count) predictions, \(truth.count) truths")
    for (p, y) in zip(prediction, truth) where y.isFinite && y > 0 {
      let (p, y) = (Double(p), Double(y))
      let error = abs(p - y)
      pixels += 1
      absolute += error
      relative += error / y
      squared += error * error
      guard p > 0 else { continue }
      let factor = max(p / y, y / p)
      if factor < 1.25 { within[0] += 1 }
      if factor < 1.25 * 1.25 { within[1] += 1 }
      if factor < 1.25 * 1.25 * 1.25 { within[2] += 1 }
    }
  }

  public var absErr: Double { absolute / Double(pixels) }
  public var relErr: Double { relative / Double(pixels) }
  public var rmse: Double { (squared / Double(pixels)).squareRoot() }

  /// The share of pixels within a factor of 1.25^`power`, for 1, 2 and 3.
  public func delta(_ power: Int) -> Double { Double(within[power - 1]) / Double(pixels) }
}
