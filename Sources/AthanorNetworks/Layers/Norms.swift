import AthanorTensor

/// Batch normalisation with running statistics: ε 1e-5, momentum .1.
public struct BatchNorm2d: Module {
  public let weight: Parameter
  public let bias: Parameter
  public let running: RunningStatistics

  public init(_ channels: Int) {
    weight = Parameter([channels], .constant(1), decays: false)
    bias = Parameter([channels], .constant(0), decays: false)
    running = RunningStatistics(channels: channels)
  }

  public func callAsFunction(
    _ x: Tensor, _ mode: Tensor.BatchNormMode, relu: Bool = false
  ) -> Tensor {
    x.batchNorm(
      scale: weight.value, shift: bias.value, running: running, mode: mode, relu: relu)
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
