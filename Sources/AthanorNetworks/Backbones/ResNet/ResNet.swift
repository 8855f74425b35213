import AthanorTensor

/// torchvision's ResNet without `fc` (He et al. 2016), channels last.
public struct ResNet: Backbone {
  public enum Block: Sendable {
    case basic, bottleneck
    /// Output channels of a block over its width.
    public var expansion: Int { self == .basic ? 1 : 4 }
  }

  /// What distinguishes one ResNet from another.
  public struct Architecture: Sendable {
    public let block: Block
    /// Blocks in each of the four stages.
    public let depths: [Int]

    public init(block: Block, depths: [Int]) {
      self.block = block
      self.depths = depths
    }
  }

  /// C2…C5.
  public let levels: [FeatureLevel]
  let conv1: Conv2d
  let bn1: BatchNorm2d
  let stages: [[ResidualBlock]]

  /// - Parameter width: Channels of the first stage's convolutions; the others have 2, 4 and 8
  ///   times as many.
  public init(_ architecture: Architecture, width: Int) {
    conv1 = Conv2d(3, width, kernel: 7, stride: 2)
    bn1 = BatchNorm2d(width)
    var channels = width
    var stages: [[ResidualBlock]] = []
    for (stage, depth) in architecture.depths.enumerated() {
      stages.append(
        (0..<depth).map { i in
          let block = ResidualBlock(
            architecture.block, input: channels, width: width << stage,
            stride: stage > 0 && i == 0 ? 2 : 1)
          channels = (width << stage) * architecture.block.expansion
          return block
        })
    }
    self.stages = stages
    levels = architecture.depths.indices.map {
      FeatureLevel(stride: 4 << $0, channels: (width << $0) * architecture.block.expansion)
    }
  }

  public func callAsFunction(_ x: Tensor, _ mode: Tensor.BatchNormMode) -> [Tensor] {
    var y = bn1(conv1(x), mode, relu: true).maxPool2d(kernel: 3, stride: 2, padding: 1)
    return stages.map { blocks in
      for block in blocks { y = block(y, mode) }
      return y
    }
  }

  public var parts: Parts {
    [("conv1", conv1), ("bn1", bn1)]
      + stages.enumerated().map { ("layer\($0 + 1)", $1 as any Part) }
  }
}
