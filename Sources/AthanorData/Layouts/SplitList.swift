import AthanorCore

/// Lists of stems, `train.txt`, `val.txt` and `test.txt`, at the top of a data folder.
enum SplitList {
  /// The splits that have a list; all where there is no list, and shares decide.
  static func splits(in folder: DataFolder) -> [Split] {
    let listed = Split.allCases.filter { folder.hasFile("\($0).txt") }
    return listed.isEmpty ? Split.allCases : listed
  }

  /// The stems of a split: its list where the folder has lists, else a seeded share of `all`.
  ///
  /// Throws `DatasetError` for a listed stem that does not exist.
  static func stems(
    _ split: Split, in folder: DataFolder, among all: [String], or shares: SplitFractions
  ) throws -> [String] {
    guard Split.allCases.contains(where: { folder.hasFile("\($0).txt") }) else {
      return shares.indices(of: split, count: all.count).map { all[$0] }
    }
    let path = folder.path("\(split).txt")
    let known = Set(all)
    return try DataFolder.lines(of: path).map { line in
      let stem = known.contains(line) ? line : DataFolder.stem(of: line)
      guard known.contains(stem) else {
        throw DatasetError(
          path: path, expected: "names of samples in \(folder.root)", received: "'\(line)'",
          suggestion: nearestName(to: line, among: all))
      }
      return stem
    }
  }
}
