import AthanorCore
import AthanorTensor

/// The shape of a backbone's features at one scale.
public struct FeatureLevel: Equatable, Sendable {
  /// Pixels of the input between two positions.
  public var stride: Int
  public var channels: Int

  public init(stride: Int, channels: Int) {
    self.stride = stride
    self.channels = channels
  }
}

/// The part of a network that turns images into features of several scales. Each family has a
/// folder; those that a configuration can name are registered in `backbones`.
public protocol Backbone: Module {
  /// The levels of features, fine to coarse: usually C2…C5 at strides 4, 8, 16, 32.
  var levels: [FeatureLevel] { get }

  /// Shapes: image `[N,H,W,3]`, H and W multiples of 32; for each level
  /// `[N,H/stride,W/stride,channels]`.
  func callAsFunction(_ image: Tensor, _ mode: ForwardMode) -> [Tensor]

  /// timm's name of a tensor, where it differs from torchvision's, which is used here.
  func timmName(of name: String) -> String
}

extension Backbone {
  public func timmName(of name: String) -> String { name }
}

/// A backbone that a configuration can name.
public protocol BackboneFamily: Registered, Sendable {
  /// - Parameter width: Channels of the first stage where the published one has 64; all others are
  ///   scaled with it.
  ///
  /// Throws `SettingsError` for options that no backbone can be built with.
  func makeBackbone(width: Int) throws -> any Backbone
}

/// Every backbone by name.
public let backbones = Registry<any BackboneFamily>(
  kind: "backbone",
  [
    .init(ResNet10.self) { $0 },
    .init(ResNet18.self) { $0 },
    .init(ResNet34.self) { $0 },
    .init(ResNet50.self) { $0 },
    .init(ResNeXt50.self) { $0 },
    .init(MobileNetV3Large.self) { $0 },
    .init(ConvNeXtTiny.self) { $0 },
  ])

extension Registry<any BackboneFamily> {
  /// Adds a backbone of one's own, under its name.
  public func register<T: BackboneFamily>(_ type: T.Type) { add(.init(type) { $0 }) }
}
