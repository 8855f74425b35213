import AthanorCore

extension SyntheticScenes {
  /// Writes all splits to `folder`, in Pascal VOC's layout unless said otherwise, on all CPUs.
  ///
  /// Errors: throws `ContentError` where the folder holds files that are not from here,
  /// `FileError`. `progress` is called after each scene, from any thread.
  public func write(
    to folder: String, _ writing: WriteOptions = WriteOptions(), progress: ProgressHandler? = nil
  ) throws {
    let parts = try SyntheticSource(options).openAll().map { DatasetPart($0.split, $0.dataset) }
    _ = try AthanorData.write(parts, to: folder, writing, kind: "data synthesize", progress)
  }
}
