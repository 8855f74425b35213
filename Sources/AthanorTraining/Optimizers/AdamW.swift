import AthanorCore
import AthanorKernels
import AthanorNetworks
import AthanorTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Adam with decoupled weight decay, as PyTorch's `AdamW`.
///
/// m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; w ← (1 − ηλ)w − η·m̂/(√v̂ + ε). λ applies to convolution
/// weights alone, not to norms, biases and scales.
///
/// Source: Loshchilov & Hutter 2019, algorithm 2.
public final class AdamW: Optimizer {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var learningRate = 1e-3
    public var beta1 = 0.9
    public var beta2 = 0.999
    public var epsilon = 1e-8
    public var weightDecay = 1e-2

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case learningRate = "learning_rate"
      case beta1, beta2, epsilon
      case weightDecay = "weight_decay"
    }
  }

  public static let name = "adamw"
  public static let summary = "Adam with decoupled weight decay"
  public static let source = "Loshchilov & Hutter 2019"

  public static let valuesPerParameter = 2

  private let options: Options
  public var state: [String: Tensor] = [:]
  public var baseLearningRate: Double { options.learningRate }

  public init(_ options: Options) throws {
    try requirePositive(options.learningRate, "optimizer.learning_rate")
    try requireFraction(options.beta1, "optimizer.beta1")
    try requireFraction(options.beta2, "optimizer.beta2")
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(
    learningRate: Double = Options().learningRate, beta1: Double = Options().beta1,
    beta2: Double = Options().beta2, epsilon: Double = Options().epsilon,
    weightDecay: Double = Options().weightDecay
  ) throws {
    var options = Options()
    options.learningRate = learningRate
    options.beta1 = beta1
    options.beta2 = beta2
    options.epsilon = epsilon
    options.weightDecay = weightDecay
    try self.init(options)
  }

  public func begin(_ parameters: [(name: String, parameter: Parameter)]) {
    for (name, parameter) in parameters {
      state["\(name).first"] = parameter.value.zerosLike()
      state["\(name).second"] = parameter.value.zerosLike()
      state["\(name).steps"] = Tensor(0, .float64)
    }
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange {
    if entry.hasSuffix(".steps") { return .count(upTo: updates) }
    return entry.hasSuffix(".second") ? .notNegative : .finite
  }

  /// Bias corrections count each parameter's own updates: a parameter has none while its task is
  /// absent.
  public func update(
    _ parameters: [(name: String, parameter: Parameter)], gradients: [Tensor?],
    learningRate: Double, step: Int
  ) {
    for ((name, parameter), gradient) in zip(parameters, gradients) {
      guard let gradient, var first = state.removeValue(forKey: "\(name).first"),
        var second = state.removeValue(forKey: "\(name).second"),
        let steps = state["\(name).steps"]
      else { continue }
      let taken = steps.scalar + 1
      state["\(name).steps"] = Tensor(taken, .float64)
      parameter.update { weights in
        first.withMutableElements { first in
          second.withMutableElements { second in
            OptimizerSteps.adamW(
              gradient.count, weights: weights.baseAddress!, gradient: gradient.pointer(),
              first: first.baseAddress!, second: second.baseAddress!,
              learningRate: Float(learningRate * parameter.learningRateFactor),
              beta1: Float(options.beta1), beta2: Float(options.beta2),
              correction1: Float(1 - pow(options.beta1, taken)),
              correction2: Float(1 - pow(options.beta2, taken)), epsilon: Float(options.epsilon),
              weightDecay: parameter.decays ? Float(options.weightDecay) : 0)
          }
        }
      }
      state["\(name).first"] = first
      state["\(name).second"] = second
    }
  }
}
