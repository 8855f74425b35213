import AthanorCore
import AthanorData
import Foundation

/// A value computed from a split's samples and cached in `.athanor` in the data set's folder.
///
/// It is valid as long as no file of the data set, no option and no class list changes. It is
/// computed every time where samples do not come from files alone, and where the folder cannot be
/// written.
enum DerivedRecord {
  /// - Parameters:
  ///   - name: The name of the value, and of its file for each split.
  ///   - selection: The selection that the source was made from.
  ///   - isWhole: Whether a value read from a file can be used.
  ///   - make: Computes the value, and reports how many samples are read.
  ///
  /// Throws `CancellationError` when `shouldStop` returned true while they are read.
  static func value<Value: Codable>(
    _ name: String, of split: Split, in source: any DataSource, _ selection: Selection,
    isWhole: (Value) -> Bool = { _ in true }, shouldStop: @escaping () -> Bool,
    make: (any Dataset, _ progress: (Int) throws -> Void) throws -> Value
  ) throws -> Value {
    let dataset = try source.open(split)
    func made() throws -> Value {
      let bar = monitor.begin("\(name) of \(split)", total: dataset.count, unit: "image")
      defer { bar.finish() }
      return try make(dataset) {
        if shouldStop() { throw CancellationError() }
        bar.update($0)
      }
    }
    guard let folders = source.folders, let first = folders.first else { return try made() }
    // Computed before the samples are read, so that a file that changes meanwhile is noticed the
    // next time.
    let files = try folders.map { try fingerprint(of: $0) }
    let path = "\(first)/\(derivedFolder)/\(name)-\(split).json"
    let options = JSON(.selection(name: selection.name, options: selection.options))
    // Labels are class indices, so another order of the classes gives another value.
    let classes = try JSON(
      encoding: dataset.classes.labels.sorted { $0.key < $1.key }.map { [$0.key] + $0.value.names })
    let key = "\(files.joined(separator: " ")) \(options.compact) \(classes.compact)"
    if let kept = kept(Value.self, at: path, key), isWhole(kept) { return kept }
    let value = try made()
    do {
      try makeFolder("\(first)/\(derivedFolder)")
      let record: JSON = ["key": .string(key), "value": try JSON(encoding: value)]
      try AtomicFile.write(record.pretty + "\n", to: path)
    } catch is FileError {}
    return value
  }

  /// The value that an earlier run stored, where it belongs to the same data.
  private static func kept<Value: Decodable>(
    _ type: Value.Type, at path: String, _ key: String
  ) -> Value? {
    guard let record = try? JSON(contentsOf: path), record["key"]?.string == key else { return nil }
    return record["value"].flatMap { try? JSONDecoder().decode(type, from: Data($0.compact.utf8)) }
  }
}
