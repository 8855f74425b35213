import AthanorCore

/// A ResNet that a configuration can name.
protocol ResNetFamily: BackboneFamily where Options == NoOptions {
  static var architecture: ResNet.Architecture { get }
  init()
}

extension ResNetFamily {
  public init(_ options: NoOptions) { self.init() }
  public static var source: String { "He et al. 2016; torchvision" }
  public static var summary: String {
    let blocks = architecture.depths.map(String.init).joined(separator: ",")
    return "ResNet of \(architecture.block == .basic ? "basic" : "bottleneck") blocks \(blocks)"
  }
  public func makeBackbone(width: Int) -> any Backbone { ResNet(Self.architecture, width: width) }
}

public struct ResNet10: ResNetFamily {
  public static let name = "resnet10"
  static let architecture = ResNet.Architecture(block: .basic, depths: [1, 1, 1, 1])
  public init() {}
}

public struct ResNet18: ResNetFamily {
  public static let name = "resnet18"
  static let architecture = ResNet.Architecture(block: .basic, depths: [2, 2, 2, 2])
  public init() {}
}

public struct ResNet34: ResNetFamily {
  public static let name = "resnet34"
  static let architecture = ResNet.Architecture(block: .basic, depths: [3, 4, 6, 3])
  public init() {}
}

public struct ResNet50: ResNetFamily {
  public static let name = "resnet50"
  static let architecture = ResNet.Architecture(block: .bottleneck, depths: [3, 4, 6, 3])
  public init() {}
}
