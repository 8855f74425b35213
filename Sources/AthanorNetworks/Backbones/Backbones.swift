import AthanorCore

/// A backbone that a configuration can name.
public protocol Backbone: Registered where Options == NoOptions {
  static var architecture: ResNet.Architecture { get }
  init()
}

extension Backbone {
  public init(_ options: NoOptions) { self.init() }
  public static var source: String { "He et al. 2016; torchvision" }
  public static var summary: String {
    let blocks = architecture.depths.map(String.init).joined(separator: ",")
    return "ResNet of \(architecture.block == .basic ? "basic" : "bottleneck") blocks \(blocks)"
  }
}

public struct ResNet10: Backbone {
  public static let name = "resnet10"
  public static let architecture = ResNet.Architecture(block: .basic, depths: [1, 1, 1, 1])
  public init() {}
}

public struct ResNet18: Backbone {
  public static let name = "resnet18"
  public static let architecture = ResNet.Architecture(block: .basic, depths: [2, 2, 2, 2])
  public init() {}
}

public struct ResNet34: Backbone {
  public static let name = "resnet34"
  public static let architecture = ResNet.Architecture(block: .basic, depths: [3, 4, 6, 3])
  public init() {}
}

public struct ResNet50: Backbone {
  public static let name = "resnet50"
  public static let architecture = ResNet.Architecture(block: .bottleneck, depths: [3, 4, 6, 3])
  public init() {}
}

/// Every backbone by name.
public let backbones = Registry<ResNet.Architecture>(
  kind: "backbone",
  [
    .init(ResNet10.self) { _ in ResNet10.architecture },
    .init(ResNet18.self) { _ in ResNet18.architecture },
    .init(ResNet34.self) { _ in ResNet34.architecture },
    .init(ResNet50.self) { _ in ResNet50.architecture },
  ])
