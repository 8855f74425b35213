import AthanorCore
import AthanorData
import AthanorLosses
import AthanorVision

extension ClassFrequencies {
  /// The frequencies in a mask label of a split, at the size of the files: before resizing and
  /// augmentation.
  ///
  /// All masks are read once, on all CPUs; the result is cached as a `DerivedRecord`.
  ///
  /// - Parameter selection: The selection that the source was made from.
  ///
  /// Samples that cannot be read are skipped.
  ///
  /// Throws `CancellationError` when `shouldStop` returned true.
  public init(
    of split: Split, in source: any DataSource, _ selection: Selection,
    label: String = Label.Kind.mask.usualName,
    shouldStop: @escaping () -> Bool = { false }
  ) throws {
    self = try DerivedRecord.value(
      label == Label.Kind.mask.usualName ? "class-frequencies" : "class-frequencies-\(label)",
      of: split, in: source, selection,
      isWhole: { $0.pixels.count == $0.pixelsOfImages.count }, shouldStop: shouldStop,
      make: { try Self.counted($0, label, progress: $1) })
  }

  private static func counted(
    _ dataset: any Dataset, _ label: String, progress: (Int) throws -> Void
  ) throws -> ClassFrequencies {
    let empty = ClassFrequencies(classes: dataset.classes.labels[label]?.names.count ?? 0)
    let reader = SampleReader(dataset)
    let parts = try concurrently(Array(0..<dataset.count), progress: progress) { index in
      var part = empty
      let mask = try reader.sample(at: index)?.labels[label]?.mask
      mask?.pixels.withUnsafeBufferPointer { part.add($0) }
      return part
    }
    return parts.reduce(into: empty) { $0.add($1) }
  }
}
