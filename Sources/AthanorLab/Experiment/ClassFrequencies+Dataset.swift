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
  ///
  /// Throws `CancellationError` when `shouldStop` turned true.
  public init(
    of split: Split, in source: any DataSource, _ selection: Selection,
    shouldStop: @escaping () -> Bool = { false }
  ) throws {
    self = try DerivedRecord.value(
      "class-frequencies", of: split, in: source, selection,
      isWhole: { $0.pixels.count == $0.pixelsOfImages.count }, shouldStop: shouldStop,
      make: Self.counted)
  }

  private static func counted(
    _ dataset: any Dataset, progress: (Int) throws -> Void
  ) throws -> ClassFrequencies {
    let empty = ClassFrequencies(classes: dataset.segmentationClasses.count)
    let reader = SampleReader(dataset)
    let parts = try concurrently(Array(0..<dataset.count), progress: progress) { index in
      var part = empty
      let mask = try reader.sample(at: index)?.mask
      mask?.pixels.withUnsafeBufferPointer { part.add($0) }
      return part
    }
    return parts.reduce(into: empty) { $0.add($1) }
  }
}
