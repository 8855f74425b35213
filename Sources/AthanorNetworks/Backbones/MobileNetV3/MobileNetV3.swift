import AthanorCore
import AthanorTensor

/// torchvision's MobileNetV3 without its classifier (Howard et al. 2019), channels last.
public struct MobileNetV3: Backbone {
  /// One inverted residual block of the published table, at width 1.
  struct Row {
    var kernel: Int
    var expanded: Int
    var output: Int
    var usesSqueeze: Bool
    var usesHardSwish: Bool
    var stride: Int
  }

  /// The blocks whose outputs are the levels; the last level is that of the final convolution.
  private static let levelBlocks = [2, 5, 11]

  let stem: ConvNormActivation
  let blocks: [InvertedResidual]
  let closing: ConvNormActivation
  public let levels: [FeatureLevel]

  /// - Parameter multiplier: The factor of all channels, which are rounded to multiples of 8.
  init(_ table: [Row], multiplier: Double) {
    func scaled(_ channels: Int) -> Int { Self.divisible(Double(channels) * multiplier) }
    var channels = scaled(16)
    stem = .mobile(3, channels, kernel: 3, stride: 2, .hardSwish)
    var (blocks, levels, reached) = ([InvertedResidual](), [FeatureLevel](), 2)
    for (i, row) in table.enumerated() {
      blocks.append(
        InvertedResidual(
          channels, expanded: scaled(row.expanded), output: scaled(row.output), row))
      channels = scaled(row.output)
      reached *= row.stride
      if Self.levelBlocks.contains(i) {
        levels.append(FeatureLevel(stride: reached, channels: channels))
      }
    }
    closing = .mobile(channels, 6 * channels, kernel: 1, .hardSwish)
    self.blocks = blocks
    self.levels = levels + [FeatureLevel(stride: reached, channels: 6 * channels)]
  }

  /// The nearest multiple of 8 that is at least 90 % of a number of channels.
  static func divisible(_ channels: Double) -> Int {
    let nearest = max(8, Int(channels + 4) / 8 * 8)
    return Double(nearest) < 0.9 * channels ? nearest + 8 : nearest
  }

  public func callAsFunction(_ image: Tensor, _ mode: ForwardMode) -> [Tensor] {
    var x = stem(image, mode)
    var features: [Tensor] = []
    for (i, block) in blocks.enumerated() {
      x = block(x, mode)
      if Self.levelBlocks.contains(i) { features.append(x) }
    }
    return features + [closing(x, mode)]
  }

  public var parts: Parts {
    let all: [any Part] = [stem] + blocks + [closing]
    return all.enumerated().map { ("features.\($0)", $1) }
  }

  /// timm groups the blocks by stages, and names a block's layers by what they do. Its batch norm
  /// has ε 1e-5, torchvision's 1e-3.
  public func timmName(of name: String) -> String {
    let parts = name.split(separator: ".").map(String.init)
    guard parts.count > 3, parts[0] == "features", let index = Int(parts[1]) else { return name }
    if index == 0 { return "\(parts[2] == "0" ? "conv_stem" : "bn1").\(parts[3])" }
    let depths = [1, 2, 3, 4, 2, 3]
    if index > blocks.count {
      return "blocks.\(depths.count).0.\(parts[2] == "0" ? "conv" : "bn1").\(parts[3])"
    }
    var (stage, number) = (0, index - 1)
    while number >= depths[stage] { (stage, number) = (stage + 1, number - depths[stage]) }
    let block = blocks[index - 1]
    var layers: [(conv: String, norm: String)] = []
    if block.expand != nil { layers.append(("conv_pw", "bn1")) }
    layers.append(("conv_dw", block.expand == nil ? "bn1" : "bn2"))
    if block.squeeze != nil { layers.append(("se", "")) }
    layers.append(block.expand == nil ? ("conv_pw", "bn2") : ("conv_pwl", "bn3"))
    let layer = layers[Int(parts[3])!]
    let owner = "blocks.\(stage).\(number)"
    if layer.conv == "se" {
      return "\(owner).se.\(parts[4] == "fc1" ? "conv_reduce" : "conv_expand").\(parts[5])"
    }
    return "\(owner).\(parts[4] == "0" ? layer.conv : layer.norm).\(parts[5])"
  }
}

/// The block of MobileNetV3: a 1×1 convolution to more channels, a depthwise one, squeeze-and-
/// excitation in some, a 1×1 convolution to fewer; the input is added where the shapes agree.
struct InvertedResidual: Module {
  let expand: ConvNormActivation?
  let depthwise: ConvNormActivation
  let squeeze: SqueezeExcitation?
  let project: ConvNormActivation
  private let addsInput: Bool

  init(_ input: Int, expanded: Int, output: Int, _ row: MobileNetV3.Row) {
    let activation: ConvNormActivation.Activation = row.usesHardSwish ? .hardSwish : .relu
    expand = expanded == input ? nil : .mobile(input, expanded, kernel: 1, activation)
    depthwise = .mobile(
      expanded, expanded, kernel: row.kernel, stride: row.stride, groups: expanded, activation)
    squeeze =
      row.usesSqueeze
      ? SqueezeExcitation(expanded, squeezed: MobileNetV3.divisible(Double(expanded / 4))) : nil
    project = .mobile(expanded, output, kernel: 1, .none)
    addsInput = row.stride == 1 && input == output
  }

  func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    var y = depthwise(expand.map { $0(x, mode) } ?? x, mode)
    if let squeeze { y = squeeze(y) }
    y = project(y, mode)
    return addsInput ? x + y : y
  }

  var parts: Parts {
    let all: [(any Part)?] = [expand, depthwise, squeeze, project]
    return all.compactMap(\.self).enumerated().map { ("block.\($0)", $1) }
  }
}

extension ConvNormActivation {
  /// With the batch norm of MobileNetV3.
  fileprivate static func mobile(
    _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, groups: Int = 1,
    _ activation: Activation
  ) -> ConvNormActivation {
    ConvNormActivation(
      input, output, kernel: kernel, stride: stride, groups: groups, epsilon: 1e-3,
      momentum: 0.01, activation)
  }
}

public struct MobileNetV3Large: BackboneFamily {
  public static let name = "mobilenet_v3_large"
  public static let summary = "MobileNetV3-Large: depthwise convolutions, squeeze-and-excitation"
  public static let source = "Howard et al. 2019, table 1; torchvision"

  public init(_ options: NoOptions = NoOptions()) {}

  public func makeBackbone(width: Int) -> any Backbone {
    func row(
      _ kernel: Int, _ expanded: Int, _ output: Int, _ squeeze: Bool, _ hard: Bool,
      _ stride: Int
    ) -> MobileNetV3.Row {
      .init(
        kernel: kernel, expanded: expanded, output: output, usesSqueeze: squeeze,
        usesHardSwish: hard, stride: stride)
    }
    return MobileNetV3(
      [
        row(3, 16, 16, false, false, 1), row(3, 64, 24, false, false, 2),
        row(3, 72, 24, false, false, 1), row(5, 72, 40, true, false, 2),
        row(5, 120, 40, true, false, 1), row(5, 120, 40, true, false, 1),
        row(3, 240, 80, false, true, 2), row(3, 200, 80, false, true, 1),
        row(3, 184, 80, false, true, 1), row(3, 184, 80, false, true, 1),
        row(3, 480, 112, true, true, 1), row(3, 672, 112, true, true, 1),
        row(5, 672, 160, true, true, 2), row(5, 960, 160, true, true, 1),
        row(5, 960, 160, true, true, 1),
      ], multiplier: Double(width) / 64)
  }
}
