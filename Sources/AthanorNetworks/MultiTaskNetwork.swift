import AthanorCore
import AthanorTensor

/// The options of a network, apart from its tasks.
public struct NetworkOptions: Codable, Equatable, Sendable, DefaultInitializable {
  /// The name of a backbone in the registry.
  public var backbone = Selection("resnet10")
  /// Channels of the first stage where the published network has 64; all others are scaled with it.
  public var width = 32
  /// Channels of the feature pyramid and of the detection towers, a multiple of 16.
  public var fpnChannels = 64

  public init() {}

  public init(backbone: Selection, width: Int = 32, fpnChannels: Int = 64) {
    self.backbone = backbone
    self.width = width
    self.fpnChannels = fpnChannels
  }

  private enum CodingKeys: String, CodingKey {
    case backbone, width
    case fpnChannels = "fpn_channels"
  }
}

extension NetworkOptions {
  /// The backbone with these options. Throws `SettingsError` where they make no valid network.
  func makeBackbone() throws -> any Backbone {
    let family = try backbones.make(backbone, at: "network.backbone")
    guard (1...1024).contains(width) else {
      throw SettingsError(
        key: "network.width", expected: "1 to 1024 channels", received: "\(width)")
    }
    guard fpnChannels % 16 == 0, (16...2048).contains(fpnChannels) else {
      throw SettingsError(
        key: "network.fpn_channels",
        expected: "a multiple of 16 (group norm has 16 groups), at most 2048",
        received: "\(fpnChannels)")
    }
    return try family.makeBackbone(width: width)
  }
}

/// One backbone and feature pyramid shared by a head for each task.
public struct MultiTaskNetwork: Module {
  /// The part that all tasks share.
  private struct Trunk: Module {
    let backbone: any Backbone
    let fpn: FeaturePyramid

    var parts: Parts { [("backbone", backbone), ("fpn", fpn)] }
  }

  /// The part of one task.
  public struct NamedHead: Sendable {
    public let name: String
    public let head: any Head

    public init(_ name: String, _ head: any Head) {
      self.name = name
      self.head = head
    }
  }

  private let trunk: Trunk
  /// In the order of the tasks.
  public let heads: [NamedHead]

  /// A network whose parameters have shapes and no values yet: `initialize` draws them, `load`
  /// reads them.
  ///
  /// - `heads`: Makes each task's head for the levels of the pyramid.
  ///
  /// Throws `SettingsError` where the options make no valid network.
  public init(
    _ options: NetworkOptions, heads: ([FeatureLevel]) throws -> [NamedHead]
  ) throws {
    let backbone = try options.makeBackbone()
    let fpn = FeaturePyramid(
      inputs: backbone.levels.map(\.channels), channels: options.fpnChannels)
    trunk = Trunk(backbone: backbone, fpn: fpn)
    self.heads = try heads(
      backbone.levels.map { FeatureLevel(stride: $0.stride, channels: options.fpnChannels) })
  }

  /// Height and width of inputs must be multiples of this.
  public static let sizeUnit = 32

  /// The shared features P2…P5 of a batch `[N,H,W,3]`, H and W multiples of 32.
  public func features(_ image: Tensor, _ mode: ForwardMode) -> [Tensor] {
    precondition(
      image.rank == 4 && image.shape[1] % Self.sizeUnit == 0
        && image.shape[2] % Self.sizeUnit == 0 && image.shape[3] == 3,
      "MultiTaskNetwork: needs [N,H,W,3] with H and W multiples of 32, got \(image)")
    return trunk.fpn(trunk.backbone(image, mode))
  }

  /// Each head's output for shared features, in the order of `heads`.
  public func outputs(
    _ features: [Tensor], _ mode: ForwardMode
  ) -> [any HeadOutput] {
    heads.map { $0.head.output(features, mode) }
  }

  public func callAsFunction(
    _ image: Tensor, _ mode: ForwardMode
  ) -> [any HeadOutput] {
    outputs(features(image, mode), mode)
  }

  public var backbone: any Backbone { trunk.backbone }

  public var parts: Parts { trunk.parts + heads.map { ($0.name, $0.head) } }

  /// The parameters that all tasks share.
  public var sharedParameters: [(name: String, parameter: Parameter)] { trunk.parameters() }

  /// The parameters of the tasks' own parts.
  public var headParameters: [(name: String, parameter: Parameter)] {
    heads.flatMap { $0.head.parameters($0.name) }
  }
}

extension Head {
  fileprivate func output(
    _ features: [Tensor], _ mode: ForwardMode
  ) -> any HeadOutput { self(features, mode) }
}
