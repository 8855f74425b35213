/// Images with equal bytes, within a split and across splits.
struct EqualImages {
  /// A sample by the indices of its part and in that.
  typealias Member = (part: Int, index: Int)

  /// Those across splits first; each in the order of the splits and of their samples.
  let groups: [[Member]]

  init(in parts: [DataInspection.Part]) {
    var all: [(image: UInt64, part: Int, index: Int)] = []
    for (number, part) in parts.enumerated() {
      for (index, facts) in part.facts.enumerated() {
        if let facts { all.append((facts.image, number, index)) }
      }
    }
    all.sort { ($0.image, $0.part, $0.index) < ($1.image, $1.part, $1.index) }
    var groups: [[Member]] = []
    var start = 0
    while start < all.count {
      let end = all[start...].firstIndex { $0.image != all[start].image } ?? all.count
      if end - start > 1 { groups.append(all[start..<end].map { ($0.part, $0.index) }) }
      start = end
    }
    self.groups = groups.sorted { a, b in
      let (first, second) = (a.last!.part == a[0].part, b.last!.part == b[0].part)
      return first == second ? a[0] < b[0] : second
    }
  }

  /// One per set of splits: `the same image in train and val`.
  func warnings(_ parts: [DataInspection.Part]) -> [DataWarning] {
    var warnings: [DataWarning] = []
    for group in groups {
      let splits = Set(group.map(\.part)).sorted().map { parts[$0].split.rawValue }
      let kind =
        splits.count == 1
        ? "the same image more than once in \(splits[0])"
        : "the same image in \(splits.dropLast().joined(separator: ", ")) and \(splits.last!)"
      let index =
        warnings.firstIndex { $0.kind == kind }
        ?? {
          warnings.append(DataWarning(kind: kind, count: 0, files: []))
          return warnings.count - 1
        }()
      warnings[index].count += 1
      guard warnings[index].files.count < 3 else { continue }
      let names = group.prefix(4).map { parts[$0.part].label($0.index) }
      warnings[index].files.append(
        names.joined(separator: " = ") + (group.count > names.count ? " = …" : ""))
    }
    return warnings
  }
}
