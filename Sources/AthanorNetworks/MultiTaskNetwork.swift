import AthanorCore
import AthanorTensor

/// What a network is built from.
public struct NetworkOptions: Codable, Equatable, Sendable, DefaultInitializable {
  /// `resnet10`, `resnet18`, `resnet34` or `resnet50`.
  public var backbone = "resnet18"
  /// Channels of the first stage; the others have 2, 4 and 8 times as many.
  public var width = 64
  /// Channels of the feature pyramid and of the detection towers, a multiple of 16.
  public var fpnChannels = 128

  public init() {}

  private enum CodingKeys: String, CodingKey {
    case backbone, width
    case fpnChannels = "fpn_channels"
  }
}

extension NetworkOptions {
  /// The backbone that they name. Throws `SettingsError` where they cannot make a network.
  func validated() throws -> ResNet.Architecture {
    let architecture = try backbones.make(Selection(backbone), at: "network.backbone")
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
    return architecture
  }
}

/// One backbone and feature pyramid shared by a segmentation and a detection head; a task that is
/// switched off has no head.
public struct MultiTaskNetwork: Module {
  /// What the heads say of a batch.
  public struct Output: Sendable {
    /// Logits `[N,H,W,classes]`.
    public var segmentation: Tensor?
    /// P3, P4, P5.
    public var detection: [DetectionLevel]?
  }

  public let options: NetworkOptions
  public let segmentationClasses: Int?
  public let detectionClasses: Int?
  public let backbone: ResNet
  public let pyramid: FeaturePyramid
  public let segmentation: SegmentationHead?
  public let detection: DetectionHead?

  /// Throws `SettingsError` where the options cannot make a network.
  public init(
    _ options: NetworkOptions, segmentationClasses: Int?, detectionClasses: Int?, seed: Int
  ) throws {
    let architecture = try options.validated()
    self.options = options
    self.segmentationClasses = segmentationClasses
    self.detectionClasses = detectionClasses
    backbone = ResNet(architecture, width: options.width, seed: seed)
    pyramid = FeaturePyramid(
      inputs: backbone.outputChannels, channels: options.fpnChannels, seed: seed)
    segmentation = segmentationClasses.map {
      SegmentationHead(levels: 4, input: options.fpnChannels, classes: $0, seed: seed)
    }
    detection = detectionClasses.map {
      DetectionHead(channels: options.fpnChannels, classes: $0, seed: seed)
    }
  }

  /// The shared features P2…P5 of a batch `[N,H,W,3]`, H and W multiples of 32.
  public func features(_ image: Tensor, _ mode: Tensor.BatchNormMode) -> [Tensor] {
    precondition(
      image.rank == 4 && image.shape[1] % 32 == 0 && image.shape[2] % 32 == 0
        && image.shape[3] == 3,
      "MultiTaskNetwork: needs [N,H,W,3] with H and W multiples of 32, got \(image)")
    return pyramid(backbone(image, mode))
  }

  /// What every head says of shared features.
  public func heads(_ features: [Tensor]) -> Output {
    Output(
      segmentation: segmentation.map { $0(features) }, detection: detection.map { $0(features) })
  }

  public func callAsFunction(_ image: Tensor, _ mode: Tensor.BatchNormMode) -> Output {
    heads(features(image, mode))
  }

  public func state(_ prefix: String = "") -> [StateEntry] {
    backbone.state("\(prefix)backbone.") + pyramid.state("\(prefix)fpn.")
      + (segmentation?.state("\(prefix)segmentation.") ?? [])
      + (detection?.state("\(prefix)detection.") ?? [])
  }

  /// Every trained tensor under its name, in a fixed order.
  public var parameters: [(name: String, parameter: Parameter)] {
    state().compactMap {
      if case .parameter(let parameter) = $0.content { ($0.name, parameter) } else { nil }
    }
  }

  /// Whether the parameter of this name is shared by the tasks.
  public static func isShared(_ name: String) -> Bool {
    name.hasPrefix("backbone.") || name.hasPrefix("fpn.")
  }
}
