import AthanorCore
import AthanorData
import AthanorLosses

extension ClassFrequencies {
  /// Those of a split's masks, as the files have them: before resizing and augmentation.
  ///
  /// All masks are read once, all CPUs busy; the numbers are kept as a `DerivedRecord`.
  ///
  /// - Parameter selection: what the source was made of.
  ///
  /// Samples that cannot be read are passed over.
  public init(of split: Split, in source: any DataSource, _ selection: Selection) throws {
    self = try DerivedRecord.value(
      "class-frequencies", of: split, in: source, selection,
      isWhole: { $0.pixels.count == $0.pixelsOfImages.count }, make: Self.counted)
  }

  private static func counted(_ dataset: any Dataset) throws -> ClassFrequencies {
    let empty = ClassFrequencies(classes: dataset.segmentationClasses.count)
    let reader = SampleReader(dataset)
    let parts = try concurrently(Array(0..<dataset.count)) { index in
      var part = empty
      let mask = try reader.sample(at: index)?.mask
      mask?.pixels.withUnsafeBufferPointer { part.add($0) }
      return part
    }
    return parts.reduce(into: empty) { $0.add($1) }
  }
}
