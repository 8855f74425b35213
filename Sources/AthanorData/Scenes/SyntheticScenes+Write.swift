import AthanorCore

extension SyntheticScenes {
  /// Writes all splits to `folder` in Pascal VOC's layout (see `VOCSource`), all CPUs busy.
  ///
  /// Throws `DatasetError` where the folder holds files that are not from here, `FileError` where
  /// the disk refuses. `progress` is called after each scene, from any thread.
  public func write(to folder: String, progress: ProgressHandler? = nil) throws {
    let writer = try VOCWriter(folder, Self.classes, kind: "data synthesize")
    let total = Split.allCases.reduce(0) { $0 + options.count($1) }
    let counter = ProgressCounter(total: total, progress)
    for split in Split.allCases {
      try writer.write(split, count: options.count(split), counter) { scene(split, $0) }
    }
  }
}
