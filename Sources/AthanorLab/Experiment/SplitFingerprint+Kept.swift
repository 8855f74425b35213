import AthanorCore
import AthanorData

extension SplitFingerprint {
  /// That of a split, with a bar while its samples are read; kept as a `DerivedRecord`.
  ///
  /// - Parameter selection: What the source was made of.
  ///
  /// Throws `CancellationError` when `shouldStop` turned true.
  init(
    _ split: Split, in source: any DataSource, _ selection: Selection, isStrict: Bool = false,
    shouldStop: () -> Bool = { false }
  ) throws {
    self = try DerivedRecord.value("fingerprint", of: split, in: source, selection) { dataset in
      let bar = ProgressBar("fingerprint of \(split)", total: dataset.count, unit: "image")
      defer { bar.finish() }
      return try SplitFingerprint(split, of: dataset, isStrict: isStrict) {
        if shouldStop() { throw CancellationError() }
        bar.update($0)
      }
    }
  }
}
