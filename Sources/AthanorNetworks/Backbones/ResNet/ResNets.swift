import AthanorCore

/// The options of all ResNets.
public struct ResNetOptions: Codable, Equatable, Sendable, DefaultInitializable {
  /// Whether C3, C4 and C5 are dilated instead of halving the resolution, as torchvision's
  /// `replace_stride_with_dilation`.
  public var dilation = [false, false, false]

  public init() {}
}

/// A ResNet that a configuration can name.
protocol ResNetFamily: BackboneFamily where Options == ResNetOptions {
  static var architecture: ResNet.Architecture { get }
  var options: ResNetOptions { get }
}

extension ResNetFamily {
  public static var source: String { "He et al. 2016; torchvision" }
  public static var summary: String {
    let blocks = architecture.depths.map(String.init).joined(separator: ",")
    return "ResNet of \(architecture.block == .basic ? "basic" : "bottleneck") blocks \(blocks)"
  }

  public func makeBackbone(width: Int) throws -> any Backbone {
    let isPlain = options.dilation == [false, false, false]
    guard options.dilation.count == 3, isPlain || Self.architecture.block == .bottleneck else {
      throw SettingsError(
        key: "network.backbone.dilation",
        expected: Self.architecture.block == .bottleneck
          ? "three switches, of C3, C4 and C5" : "[false, false, false]: basic blocks have none",
        received: "\(options.dilation)")
    }
    return ResNet(Self.architecture, width: width, dilates: options.dilation)
  }
}

extension BackboneFamily where Options == ResNetOptions {
  /// With the default of each option that is not given.
  public init(dilation: [Bool] = ResNetOptions().dilation) throws {
    var options = ResNetOptions()
    options.dilation = dilation
    try self.init(options)
  }
}

public struct ResNet10: ResNetFamily {
  public static let name = "resnet10"
  static let architecture = ResNet.Architecture(block: .basic, depths: [1, 1, 1, 1])
  let options: ResNetOptions
  public init(_ options: ResNetOptions) { self.options = options }
}

public struct ResNet18: ResNetFamily {
  public static let name = "resnet18"
  static let architecture = ResNet.Architecture(block: .basic, depths: [2, 2, 2, 2])
  let options: ResNetOptions
  public init(_ options: ResNetOptions) { self.options = options }
}

public struct ResNet34: ResNetFamily {
  public static let name = "resnet34"
  static let architecture = ResNet.Architecture(block: .basic, depths: [3, 4, 6, 3])
  let options: ResNetOptions
  public init(_ options: ResNetOptions) { self.options = options }
}

public struct ResNet50: ResNetFamily {
  public static let name = "resnet50"
  static let architecture = ResNet.Architecture(block: .bottleneck, depths: [3, 4, 6, 3])
  let options: ResNetOptions
  public init(_ options: ResNetOptions) { self.options = options }
}

public struct ResNeXt50: ResNetFamily {
  public static let name = "resnext50_32x4d"
  public static let source = "Xie et al. 2017; torchvision"
  public static let summary = "ResNet of bottleneck blocks 3,4,6,3, each of 32 groups"
  static let architecture = ResNet.Architecture(
    block: .bottleneck, depths: [3, 4, 6, 3], groups: 32, widthPerGroup: 4)
  let options: ResNetOptions
  public init(_ options: ResNetOptions) { self.options = options }
}
