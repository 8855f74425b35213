import AthanorCore
import AthanorData

extension SplitFingerprint {
  /// The fingerprint of a split, cached as a `DerivedRecord`.
  ///
  /// - Parameter selection: The selection that the source was made from.
  ///
  /// Throws `CancellationError` when `shouldStop` returned true.
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
