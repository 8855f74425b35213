import AthanorNetworks
import AthanorTensor

/// The exponential moving average of the weights: a ← d·a + (1 − d)·w after each update, with
/// d = min(decay, (1 + t)/(10 + t)) at update t, so that early weights are soon forgotten.
///
/// Source: Polyak & Juditsky 1992; the warm-up is that of TensorFlow's `ExponentialMovingAverage`.
final class WeightAverage {
  private let decay: Double
  private let parameters: [ParameterParts.Named]
  private var averages: [Tensor]

  init(decay: Double, of parameters: [ParameterParts.Named]) {
    (self.decay, self.parameters) = (decay, parameters)
    averages = parameters.map { $0.parameter.value.detached() }
  }

  /// - Parameter step: The last update, counted from 0.
  func update(step: Int) {
    let d = min(decay, Double(1 + step) / Double(10 + step))
    for (i, (_, parameter)) in parameters.enumerated() {
      averages[i] = Tape.paused {
        .combination([d, 1 - d], [averages[i], parameter.value.detached()])
      }
    }
  }

  /// Runs `body` with the averages as the network's weights.
  func withAverages<Result>(_ body: () throws -> Result) rethrows -> Result {
    exchange()
    defer { exchange() }
    return try body()
  }

  private func exchange() {
    for (i, (_, parameter)) in parameters.enumerated() {
      let weights = parameter.value.detached()
      parameter.assign(averages[i])
      averages[i] = weights
    }
  }

  /// By the parameters' names.
  var state: [String: Tensor] {
    get { Dictionary(uniqueKeysWithValues: zip(parameters.map(\.name), averages)) }
    set { for (i, (name, _)) in parameters.enumerated() { averages[i] = newValue[name]! } }
  }
}
