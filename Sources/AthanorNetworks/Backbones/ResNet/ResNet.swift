import AthanorTensor

/// torchvision's ResNet without `fc` (He et al. 2016), channels last.
public struct ResNet: Backbone {
  public enum Block: Sendable {
    case basic, bottleneck
    /// Output channels of a block divided by its width.
    public var expansion: Int { self == .basic ? 1 : 4 }
  }

  /// What distinguishes one ResNet from another.
  public struct Architecture: Sendable {
    public let block: Block
    /// Blocks in each of the four stages.
    public let depths: [Int]
    /// Groups of a bottleneck's 3×3 convolution, and the channels of each where the stage has 64.
    public let groups: Int
    public let widthPerGroup: Int

    public init(block: Block, depths: [Int], groups: Int = 1, widthPerGroup: Int = 64) {
      self.block = block
      self.depths = depths
      self.groups = groups
      self.widthPerGroup = widthPerGroup
    }
  }

  /// C2…C5.
  public let levels: [FeatureLevel]
  let conv1: Conv2d
  let bn1: BatchNorm2d
  let stages: [[ResidualBlock]]

  /// - `width`: Channels of the first stage's convolutions; the others have 2, 4 and 8 times
  ///   that.
  /// - `dilates`: Whether C3, C4 and C5 are dilated instead of halving the resolution.
  public init(
    _ architecture: Architecture, width: Int, dilates: [Bool] = [false, false, false]
  ) {
    conv1 = Conv2d(3, width, kernel: 7, stride: 2)
    bn1 = BatchNorm2d(width)
    var (channels, dilation, reached) = (width, 1, 4)
    var (stages, levels) = ([[ResidualBlock]](), [FeatureLevel]())
    for (stage, depth) in architecture.depths.enumerated() {
      var stride = stage > 0 ? 2 : 1
      // The first block of a dilated stage has the previous stage's dilation.
      let first = dilation
      if stage > 0, dilates[stage - 1] { (dilation, stride) = (dilation * stride, 1) }
      stages.append(
        (0..<depth).map { i in
          let block = ResidualBlock(
            architecture, input: channels, width: width << stage, stride: i == 0 ? stride : 1,
            dilation: i == 0 ? first : dilation)
          channels = (width << stage) * architecture.block.expansion
          return block
        })
      reached *= stride
      levels.append(FeatureLevel(stride: reached, channels: channels))
    }
    (self.stages, self.levels) = (stages, levels)
  }

  public func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> [Tensor] {
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
