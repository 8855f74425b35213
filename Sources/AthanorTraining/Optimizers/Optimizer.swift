import AthanorCore
import AthanorNetworks
import AthanorTensor

/// A rule that turns gradients into updates of parameters.
public protocol Optimizer: AnyObject, Registered where Options: Codable {
  /// How many values of state there are for each value of a parameter.
  static var valuesPerParameter: Int { get }
  /// The learning rate that the schedule multiplies.
  var baseLearningRate: Double { get }

  /// Called once, before anything else: creates the state of each parameter.
  func begin(_ parameters: [(name: String, parameter: Parameter)])

  /// Updates every parameter that has a gradient. `step` counts from 0 and is the same for all.
  func update(
    _ parameters: [(name: String, parameter: Parameter)], gradients: [Tensor?],
    learningRate: Double, step: Int)

  /// The state of every parameter under its name, saved so that a run can be resumed exactly.
  var state: [String: Tensor] { get set }

  /// The possible values of an entry of `state` after so many updates.
  func range(ofState entry: String, after updates: Int) -> StateRange
}

/// Every optimizer by name.
public let optimizers = Registry<any Optimizer>(
  kind: "optimizer", [.init(SGD.self) { $0 }, .init(AdamW.self) { $0 }])

extension Registry<any Optimizer> {
  /// Adds an optimizer of one's own, under its name.
  public func register<T: Optimizer>(_ type: T.Type) { add(.init(type) { $0 }) }
}

/// Scales gradients so that their joint L2 norm is at most `maximum`, as PyTorch's
/// `clip_grad_norm_`. Returns the scaled gradients and the norm before.
public func clipped(
  _ gradients: [Tensor?], to maximum: Double
) -> (gradients: [Tensor?], norm: Double) {
  let norm = gradientNorm(gradients)
  guard norm > maximum else { return (gradients, norm) }
  let factor = maximum / (norm + 1e-6)
  return (gradients.map { $0.map { $0 * factor } }, norm)
}

/// The joint L2 norm of several gradients.
public func gradientNorm(_ gradients: [Tensor?]) -> Double {
  Tensor.products([gradients], [gradients], [(0, 0)])[0].squareRoot()
}
