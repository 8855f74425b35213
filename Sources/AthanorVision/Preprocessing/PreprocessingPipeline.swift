import AthanorCore

/// Preprocessing ops in order; a last one may turn the image into an array of numbers.
public struct PreprocessingPipeline: Sendable {
  /// The result of a pipeline for an image.
  public enum Result: Sendable {
    case image(Image)
    case array(NumericArray)
  }

  public let steps: [any PreprocessingOp]

  /// Builds the selected ops. Throws `SettingsError` with a key path below `key`.
  public init(_ selections: [Selection], at key: String) throws {
    steps = try selections.enumerated().map {
      try preprocessingOps.make($1, at: selections.count == 1 ? key : "\(key)[\($0)]")
    }
    guard !steps.isEmpty else {
      throw SettingsError(key: key, expected: "a list of ops", received: "an empty one")
    }
    for (i, step) in steps.enumerated().dropLast() where step.givesArray {
      throw SettingsError(
        key: "\(key)[\(i)]", expected: "an op that gives bytes (arrays end a pipeline)",
        received: "'\(selections[i].name)'")
    }
  }

  /// Whether the result is an array.
  public var givesArray: Bool { steps[steps.count - 1].givesArray }

  /// The sample after all steps that give bytes.
  public func callAsFunction(_ sample: Sample) throws -> Sample {
    try steps.reduce(sample) { try $1.apply(to: $0) }
  }

  /// The image after every step; a normalisation is fused with the step before it where that
  /// is faster.
  public func result(of image: Image) throws -> Result {
    func after(_ steps: ArraySlice<any PreprocessingOp>) throws -> Image {
      try steps.reduce(Sample(name: "", image: image)) { try $1.apply(to: $0) }.image
    }
    let last = steps[steps.count - 1]
    guard last.givesArray else { return .image(try after(steps[...])) }
    if let normalization = last.normalization, steps.count > 1 {
      let before = try after(steps.dropLast(2))
      let step = steps[steps.count - 2]
      if let fused = try step.normalized(before, normalization) { return .array(fused) }
      let sample = try step.apply(to: Sample(name: "", image: before))
      return .array(try last.array(of: sample.image))
    }
    return .array(try last.array(of: try after(steps.dropLast())))
  }
}
