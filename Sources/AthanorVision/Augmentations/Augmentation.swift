import AthanorCore

/// A random change of a sample: its image and labels are changed consistently.
///
/// Masks and maps are only ever sampled by nearest neighbour. The result depends only on the
/// sample, the epoch and the generator, and has the size of the sample.
public protocol Augmentation: Registered, Sendable {
  /// - `epoch`: Counted from 0, for augmentations that become stronger during training.
  func apply(to sample: Sample, epoch: Int, using generator: inout Generator) -> Sample
}

/// Every augmentation by name.
public let augmentations = Registry<any Augmentation>(
  kind: "augmentation",
  [
    .init(HorizontalFlip.self) { $0 },
    .init(VerticalFlip.self) { $0 },
    .init(RandomScaleCrop.self) { $0 },
    .init(ColorJitter.self) { $0 },
    .init(RandomBlur.self) { $0 },
    .init(GaussianNoise.self) { $0 },
    .init(RandomErasing.self) { $0 },
    .init(GridMask.self) { $0 },
  ])

extension Registry<any Augmentation> {
  /// Adds an augmentation of one's own, under its name.
  public func register<T: Augmentation>(_ type: T.Type) { add(.init(type) { $0 }) }
}

/// Augmentations in order, as a configuration lists them.
public struct AugmentationPipeline: Sendable {
  public let steps: [any Augmentation]

  public init(_ steps: [any Augmentation]) { self.steps = steps }

  /// Builds the selected augmentations; throws `SettingsError` with a key path below `key`.
  public init(_ selections: [Selection], at key: String = "augmentations") throws {
    steps = try selections.enumerated().map {
      try augmentations.make($0.element, at: "\(key)[\($0.offset)]")
    }
  }

  public var isEmpty: Bool { steps.isEmpty }

  public func apply(to sample: Sample, epoch: Int, using generator: inout Generator) -> Sample {
    steps.reduce(sample) {
      $1.apply(to: $0, epoch: epoch, using: &generator)
    }
  }
}

/// The mean colour of ImageNet, which is nearly 0 after normalisation.
let neutralColor: [UInt8] = [124, 116, 104]

/// Checks of options, each throwing `SettingsError` with the option as the key.
enum Check {
  static func probability(_ value: Double, _ key: String) throws {
    guard (0...1).contains(value) else {
      throw SettingsError(key: key, expected: "a number from 0 to 1", received: "\(value)")
    }
  }

  static func range(_ value: [Double], _ key: String, within limits: ClosedRange<Double>) throws {
    guard value.count == 2, value[0] <= value[1], limits.contains(value[0]),
      limits.contains(value[1])
    else {
      throw SettingsError(
        key: key,
        expected: "two rising numbers from \(limits.lowerBound) to \(limits.upperBound)",
        received: "\(value)")
    }
  }
}
