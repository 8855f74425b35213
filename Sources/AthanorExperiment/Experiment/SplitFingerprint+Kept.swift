import AthanorCore
import AthanorData

extension SplitFingerprint {
  /// That of a split, kept as a `DerivedRecord`.
  ///
  /// - Parameter selection: What the source was made of.
  ///
  /// Throws `CancellationError` when `shouldStop` turned true.
  package init(
    _ split: Split, in source: any DataSource, _ selection: Selection, isStrict: Bool = false,
    shouldStop: @escaping () -> Bool = { false }
  ) throws {
    self = try DerivedRecord.value(
      "fingerprint", of: split, in: source, selection, shouldStop: shouldStop
    ) { dataset, progress in
      try SplitFingerprint(split, of: dataset, isStrict: isStrict, progress: progress)
    }
  }
}
