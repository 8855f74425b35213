import AthanorTensor

/// torchvision's ResNet without `fc` (He et al. 2016), channels last.
public struct ResNet: Module {
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
  }

  /// Channels of C2…C5.
  public let outputChannels: [Int]
  let conv1: Conv2d
  let bn1: BatchNorm2d
  let stages: [[ResidualBlock]]

  public init(_ architecture: Architecture, width: Int, seed: Int) {
    conv1 = Conv2d(
      3, width, kernel: 7, stride: 2, initializer: .heNormal, seed: seed, name: "backbone.conv1")
    bn1 = BatchNorm2d(width)
    var channels = width
    var stages: [[ResidualBlock]] = []
    for (stage, depth) in architecture.depths.enumerated() {
      stages.append(
        (0..<depth).map { i in
          let block = ResidualBlock(
            architecture.block, input: channels, width: width << stage,
            stride: stage > 0 && i == 0 ? 2 : 1, seed: seed,
            name: "backbone.layer\(stage + 1).\(i)")
          channels = (width << stage) * architecture.block.expansion
          return block
        })
    }
    self.stages = stages
    outputChannels = architecture.depths.indices.map {
      (width << $0) * architecture.block.expansion
    }
  }

  /// C2…C5 at strides 4, 8, 16, 32. Shapes: x `[N,H,W,3]`, H and W multiples of 32.
  public func callAsFunction(_ x: Tensor, _ mode: Tensor.BatchNormMode) -> [Tensor] {
    var y = bn1(conv1(x), mode, relu: true).maxPool2d(kernel: 3, stride: 2, padding: 1)
    return stages.map { blocks in
      for block in blocks { y = block(y, mode) }
      return y
    }
  }

  public func state(_ prefix: String) -> [StateEntry] {
    conv1.state("\(prefix)conv1.") + bn1.state("\(prefix)bn1.")
      + stages.enumerated().flatMap { stage, blocks in
        blocks.enumerated().flatMap { $1.state("\(prefix)layer\(stage + 1).\($0).") }
      }
  }
}
