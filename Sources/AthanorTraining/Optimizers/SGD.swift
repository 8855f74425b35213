import AthanorCore
import AthanorKernels
import AthanorNetworks
import AthanorTensor

/// Stochastic gradient descent with momentum, as PyTorch's `SGD`.
///
/// v ← μv + g + λw; w ← w − ηv, or w − η(g + λw + μv) with Nesterov. λ applies to convolution
/// weights alone, not to norms, biases and scales.
///
/// Source: Sutskever et al. 2013 (Nesterov momentum); PyTorch semantics.
public final class SGD: Optimizer {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var learningRate = 0.02
    public var momentum = 0.9
    public var nesterov = false
    public var weightDecay = 1e-4

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case learningRate = "learning_rate"
      case momentum, nesterov
      case weightDecay = "weight_decay"
    }
  }

  public static let name = "sgd"
  public static let summary = "stochastic gradient descent with (Nesterov) momentum"
  public static let source = "Sutskever et al. 2013; PyTorch semantics"

  public static let valuesPerParameter = 1

  private let options: Options
  public var state: [String: Tensor] = [:]
  public var baseLearningRate: Double { options.learningRate }

  public init(_ options: Options) throws {
    try requirePositive(options.learningRate, "optimizer.learning_rate")
    try requireFraction(options.momentum, "optimizer.momentum")
    self.options = options
  }

  /// With the default of each option that is not given.
  public convenience init(
    learningRate: Double = Options().learningRate, momentum: Double = Options().momentum,
    nesterov: Bool = Options().nesterov, weightDecay: Double = Options().weightDecay
  ) throws {
    var options = Options()
    options.learningRate = learningRate
    options.momentum = momentum
    options.nesterov = nesterov
    options.weightDecay = weightDecay
    try self.init(options)
  }

  public func begin(_ parameters: [(name: String, parameter: Parameter)]) {
    for (name, parameter) in parameters { state[name] = parameter.value.zerosLike() }
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange { .finite }

  public func update(
    _ parameters: [(name: String, parameter: Parameter)], gradients: [Tensor?],
    learningRate: Double, step: Int
  ) {
    for ((name, parameter), gradient) in zip(parameters, gradients) {
      guard let gradient, var velocity = state.removeValue(forKey: name) else { continue }
      parameter.update { weights in
        velocity.withMutableElements { velocity in
          OptimizerSteps.sgd(
            gradient.count, weights: weights.baseAddress!, gradient: gradient.pointer(),
            velocity: velocity.baseAddress!,
            learningRate: Float(learningRate * parameter.learningRateFactor),
            momentum: Float(options.momentum),
            weightDecay: parameter.decays ? Float(options.weightDecay) : 0,
            nesterov: options.nesterov)
        }
      }
      state[name] = velocity
    }
  }
}
