import AthanorCore
import AthanorTensor

/// torchvision's ConvNeXt without its classifier (Liu et al. 2022), channels last.
public struct ConvNeXt: Backbone {
  /// A convolution and the layer norm before or after it.
  struct Reduction: Module {
    let norm: LayerNorm
    let conv: Conv2d
    let isNormFirst: Bool

    func callAsFunction(_ x: Tensor) -> Tensor { isNormFirst ? conv(norm(x)) : norm(conv(x)) }

    var parts: Parts { isNormFirst ? [("0", norm), ("1", conv)] : [("0", conv), ("1", norm)] }
  }

  let reductions: [Reduction]
  let stages: [[ConvNeXtBlock]]
  public let levels: [FeatureLevel]

  /// - Parameters:
  ///   - depths: Blocks of each stage.
  ///   - width: Channels of the first stage; each further one has twice as many.
  ///   - stochasticDepth: The probability of dropping the last block; 0 for the first.
  public init(depths: [Int], width: Int, stochasticDepth: Double) {
    var reductions: [Reduction] = []
    var stages: [[ConvNeXtBlock]] = []
    let last = max(1, depths.reduce(0, +) - 1)
    var number = 0
    for (stage, depth) in depths.enumerated() {
      let (input, output) = (stage == 0 ? 3 : width << (stage - 1), width << stage)
      let kernel = stage == 0 ? 4 : 2
      reductions.append(
        Reduction(
          norm: LayerNorm(stage == 0 ? output : input, epsilon: 1e-6),
          conv: Conv2d(
            input, output, kernel: kernel, stride: kernel, padding: 0, bias: 0,
            initializer: .normal(0.02)), isNormFirst: stage > 0))
      stages.append(
        (0..<depth).map { _ in
          defer { number += 1 }
          return ConvNeXtBlock(
            output, number: number, drop: stochasticDepth * Double(number) / Double(last))
        })
    }
    (self.reductions, self.stages) = (reductions, stages)
    levels = depths.indices.map { FeatureLevel(stride: 4 << $0, channels: width << $0) }
  }

  public func callAsFunction(_ image: Tensor, _ mode: ForwardMode) -> [Tensor] {
    var x = image
    return zip(reductions, stages).map { reduction, blocks in
      x = reduction(x)
      for block in blocks { x = block(x, mode) }
      return x
    }
  }

  public var parts: Parts {
    zip(reductions, stages).enumerated().flatMap { i, stage -> Parts in
      [("features.\(2 * i)", stage.0), ("features.\(2 * i + 1)", stage.1)]
    }
  }

  public func timmName(of name: String) -> String {
    let parts = name.split(separator: ".").map(String.init)
    guard parts.count > 2, parts[0] == "features", let index = Int(parts[1]) else { return name }
    let stage = index / 2
    guard index % 2 == 1 else {
      let tail = parts[2...].joined(separator: ".")
      return stage == 0 ? "stem.\(tail)" : "stages.\(stage).downsample.\(tail)"
    }
    let block = "stages.\(stage).blocks.\(parts[2])"
    if parts[3] == "layer_scale" { return "\(block).gamma" }
    let layers = ["0": "conv_dw", "2": "norm", "3": "mlp.fc1", "5": "mlp.fc2"]
    return "\(block).\(layers[parts[4]] ?? parts[4]).\(parts[5])"
  }
}

/// The block of ConvNeXt: a depthwise 7×7 convolution, layer norm, two linear layers with GELU
/// between, a learned scale per channel, stochastic depth, and the input added.
struct ConvNeXtBlock: Module {
  private let depthwise: Conv2d
  private let norm: LayerNorm
  private let widen: Linear
  private let narrow: Linear
  private let layerScale: Parameter
  /// The index of the block in the network, and its probability of being dropped for a sample.
  private let number: Int
  private let drop: Double

  init(_ channels: Int, number: Int, drop: Double) {
    depthwise = Conv2d(
      channels, channels, kernel: 7, groups: channels, bias: 0, initializer: .normal(0.02))
    norm = LayerNorm(channels, epsilon: 1e-6)
    widen = Linear(channels, 4 * channels, initializer: .normal(0.02))
    narrow = Linear(4 * channels, channels, initializer: .normal(0.02))
    layerScale = Parameter([channels, 1, 1], .constant(1e-6), decays: false)
    (self.number, self.drop) = (number, drop)
  }

  func callAsFunction(_ x: Tensor, _ mode: ForwardMode) -> Tensor {
    var y = narrow(widen(norm(depthwise(x))).gelu())
    y = y * layerScale.value.reshaped([x.shape[3]])
    if drop > 0, var generator = mode.generator(layer: number) {
      y = y.droppedRows(
        keep: (0..<x.shape[0]).map { _ in !generator.chance(drop) }, rate: drop)
    }
    return x + y
  }

  var parts: Parts {
    [
      ("layer_scale", layerScale), ("block.0", depthwise), ("block.2", norm), ("block.3", widen),
      ("block.5", narrow),
    ]
  }
}

public struct ConvNeXtTiny: BackboneFamily {
  public struct Options: Codable, Equatable, Sendable, DefaultInitializable {
    /// The probability of dropping the last block for a sample; it rises linearly from 0 for the
    /// first.
    public var stochasticDepth = 0.1

    public init() {}

    private enum CodingKeys: String, CodingKey { case stochasticDepth = "stochastic_depth" }
  }

  public static let name = "convnext_tiny"
  public static let summary = "ConvNeXt-Tiny: depthwise 7×7 convolutions and layer norm"
  public static let source = "Liu et al. 2022; torchvision"

  private let options: Options

  public init(_ options: Options) throws {
    try requireFraction(options.stochasticDepth, "stochastic_depth")
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(stochasticDepth: Double = Options().stochasticDepth) throws {
    var options = Options()
    options.stochasticDepth = stochasticDepth
    try self.init(options)
  }

  public func makeBackbone(width: Int) -> any Backbone {
    // 96 channels in the published network.
    ConvNeXt(
      depths: [3, 3, 9, 3], width: max(1, width * 96 / 64),
      stochasticDepth: options.stochasticDepth)
  }
}
