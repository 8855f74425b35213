import AthanorTensor

/// Batch normalisation with running statistics. With frozen parameters it always uses
/// its running statistics, as torchvision's `FrozenBatchNorm2d`.
public struct BatchNorm2d: Module {
  public let weight: Parameter
  public let bias: Parameter
  public let running: RunningStatistics
  public let epsilon: Double
  /// The weight of the batch's statistics in the running ones.
  public let momentum: Double

  public init(_ channels: Int, epsilon: Double = 1e-5, momentum: Double = 0.1) {
    (self.epsilon, self.momentum) = (epsilon, momentum)
    weight = Parameter([channels], .constant(1), decays: false)
    bias = Parameter([channels], .constant(0), decays: false)
    running = RunningStatistics(channels: channels)
  }

  public func callAsFunction(
    _ x: Tensor, _ mode: ForwardMode, relu: Bool = false
  ) -> Tensor {
    x.batchNorm(
      scale: weight.value, shift: bias.value, running: running, mode: statistics(mode),
      epsilon: epsilon, relu: relu)
  }

  private func statistics(_ mode: ForwardMode) -> Tensor.BatchNormMode {
    guard !weight.isFrozen else { return .evaluation }
    return switch mode {
    case .training: .training(momentum: momentum)
    case .batchStatistics: .batchStatistics
    case .evaluation: .evaluation
    }
  }

  public var parts: Parts { [("weight", weight), ("bias", bias), ("", running)] }
}

/// Group normalisation: ε 1e-5.
public struct GroupNorm: Module {
  public let groups: Int
  public let weight: Parameter
  public let bias: Parameter

  public init(groups: Int, _ channels: Int) {
    self.groups = groups
    weight = Parameter([channels], .constant(1), decays: false)
    bias = Parameter([channels], .constant(0), decays: false)
  }

  public func callAsFunction(_ x: Tensor, relu: Bool = false) -> Tensor {
    x.groupNorm(groups: groups, scale: weight.value, shift: bias.value, relu: relu)
  }

  public var parts: Parts { [("weight", weight), ("bias", bias)] }
}

/// Layer normalisation over the channels of each position.
public struct LayerNorm: Module {
  public let weight: Parameter
  public let bias: Parameter
  public let epsilon: Double

  public init(_ channels: Int, epsilon: Double = 1e-5) {
    weight = Parameter([channels], .constant(1), decays: false)
    bias = Parameter([channels], .constant(0), decays: false)
    self.epsilon = epsilon
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.layerNorm(scale: weight.value, shift: bias.value, epsilon: epsilon)
  }

  public var parts: Parts { [("weight", weight), ("bias", bias)] }
}
