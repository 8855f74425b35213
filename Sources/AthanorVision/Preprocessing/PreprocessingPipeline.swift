import AthanorCore

/// Preprocessing ops in order; a last one may turn the image into floats.
public struct PreprocessingPipeline: Sendable {
  public let steps: [any PreprocessingOp]
  /// Set where the result is floats.
  public let normalization: Normalization?

  /// Builds what the selections name. Throws `SettingsError` with the place under `key`.
  public init(_ selections: [Selection], at key: String) throws {
    steps = try selections.enumerated().map {
      try preprocessingOps.make($1, at: selections.count == 1 ? key : "\(key)[\($0)]")
    }
    guard !steps.isEmpty else {
      throw SettingsError(key: key, expected: "a list of ops", received: "an empty one")
    }
    for (i, step) in steps.enumerated().dropLast() where step.normalization != nil {
      throw SettingsError(
        key: "\(key)[\(i)]", expected: "an op that gives bytes (floats end a pipeline)",
        received: "'\(selections[i].name)'")
    }
    normalization = steps.last?.normalization
  }

  /// The sample after every step, still of bytes.
  public func callAsFunction(_ sample: Sample) throws -> Sample {
    try steps.reduce(sample) { try $1.apply(to: $0) }
  }

  /// An image's floats `[H,W,C]`, for a pipeline that ends in them.
  public func floats(_ image: Image) throws -> NumericArray? {
    guard let normalization else { return nil }
    guard normalization.mean.count == image.channels else {
      throw SettingsError(
        key: "normalize.mean", expected: "as many numbers as the image has channels",
        received: "\(normalization.mean.count) for \(image.channels)")
    }
    let count = image.width * image.height * image.channels
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      image.normalized(normalization, into: buffer, width: image.width, height: image.height)
      filled = count
    }
    return NumericArray(values, shape: [image.height, image.width, image.channels])
  }
}
