import AthanorCore
import AthanorVision

/// Finds out what the values of a data set's mask files are called.
///
/// In this order: a table of colours, a list that names indices, the option `classes` (with
/// `values` where the values are not 0, 1, 2, …), the standard of the format where the boxes bear
/// it out, and numbers where the masks are all there is. Names are never guessed: where boxes are
/// named and nothing names the masks' values, the answer is a question.
struct MaskNaming {
  /// A list that names mask values, and the file it stands in.
  struct IndexNames {
    var names: [Int: String]
    var file: String
  }

  /// Every mask file of the set, all splits.
  var paths: [String]
  var folder: String
  var labelMap: LabelMap?
  var indexNames: IndexNames?
  /// The option `classes`, and the option `values` that says which mask value each is.
  var wanted: [String] = []
  var values: [Int] = []
  var ignore: [Int] = []
  var divisor = 1
  /// Whether the option `classes` may leave out the background, which then is value 0.
  var classesLeaveOutBackground = false
  /// The names of boxes, where samples have some.
  var boxNames: [String] = []
  /// The format's own names by value, taken where the boxes bear them out, and its colours.
  var standard: [String]?
  var standardColors: [UInt8] = []

  /// How many masks are looked into at the most.
  private static let sampleLimit = 2000

  /// What the values mean, and the classes in their order.
  ///
  /// Errors: throws `DatasetError` with a question where nothing names the values.
  func coding(_ warnings: WarningLog) throws -> (coding: MaskCoding, names: [String]) {
    var coding = MaskCoding(ignore: Set(ignore), divisor: divisor, file: folder)
    guard values.isEmpty || values.count == wanted.count else {
      throw DatasetError(
        path: "values", expected: "a mask value for each of the \(wanted.count) names in 'classes'",
        received: "\(values.count)")
    }
    func named(_ pairs: [(Int, String)], _ file: String) throws -> (MaskCoding, [String]) {
      coding.values = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
      coding.file = file
      guard coding.values.count == pairs.count else {
        throw DatasetError(
          path: file, expected: "each mask value once", received: "\(pairs.map(\.0)) as values")
      }
      return (coding, pairs.map(\.1))
    }
    if !values.isEmpty { return try named(Array(zip(values, wanted)), "classes") }
    if let labelMap {
      coding.values = Dictionary(uniqueKeysWithValues: labelMap.names.enumerated().map { ($0, $1) })
      coding.colors = labelMap.byColor
      coding.colorsDecide = true
      coding.file = labelMap.file
      return (coding, labelMap.uniqueNames)
    }
    if let indexNames {
      return try named(
        indexNames.names.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, indexNames.file)
    }
    guard !paths.isEmpty else { return (coding, wanted) }
    if let standard, values.isEmpty, wanted.isEmpty, !boxNames.isEmpty,
      boxNames.allSatisfy(standard.contains)
    {
      coding.colors = Dictionary(
        standard.enumerated().filter { 3 * $0.offset + 2 < standardColors.count }.map {
          index, name in
          let c = standardColors[(3 * index)..<(3 * index + 3)]
          return (MaskCoding.RGB(c[3 * index], c[3 * index + 1], c[3 * index + 2]), name)
        }, uniquingKeysWith: { first, _ in first })
      return try named(Array(standard.enumerated().map { ($0, $1) }), "the format's standard")
    }
    let found = try ValuesInUse(
      paths, limit: Self.sampleLimit, ignore: coding.ignore, divisor: divisor)
    let binary = found.isBinary
    if !wanted.isEmpty {
      var names = try wanted.checkedClassNames(in: "classes", key: "the option 'classes'")
      if classesLeaveOutBackground, !names.contains(where: ClassName.isBackground) {
        names = ["background"] + names
      }
      if binary, names.count == 2 {
        return try named([(0, names[0]), (255, names[1])], "classes")
      }
      return try named(Array(names.enumerated().map { ($0, $1) }), "classes")
    }
    if binary {
      warnings.note(
        "mask value 255 read as the class 'foreground', since masks hold nothing but 0 and 255 "
          + "(name them: classes=[background, …])", in: found.example(of: 255))
      return try named([(0, "background"), (255, "foreground")], "0 and 255 in the masks")
    }
    guard boxNames.isEmpty else {
      throw question(found, "nothing says which class each value is, and the boxes' names cannot")
    }
    if let reason = found.doubt { throw question(found, reason) }
    warnings.note(
      "mask values have no names and are called by number (name them: classes=[…])",
      in: found.example(of: found.values.first ?? 0))
    return try named((0...(found.values.last ?? 0)).map { ($0, "\($0)") }, "the masks themselves")
  }

  private func question(_ found: ValuesInUse, _ reason: String) -> DatasetError {
    let values = found.values.prefix(8).map(String.init).joined(separator: ", ")
    let more = found.values.count > 8 ? ", …" : ""
    let isPlain = found.values == Array(0..<found.values.count)
    return DatasetError(
      path: found.example(of: found.values.last ?? 0),
      expected: "names for the mask values \(values)\(more): "
        + (isPlain || !boxNames.isEmpty
          ? "classes=[…] in the order of the values"
          : "classes=[…] with values=[\(values)\(more)]"),
      received: "none; \(reason)")
  }
}

/// The mask values that occur in a data set.
struct ValuesInUse {
  /// Ascending, without 255 unless it is the only other than 0.
  private(set) var values: [Int] = []
  private(set) var isBinary = false
  /// Why the values hardly are class indices; nil where they may be.
  private(set) var doubt: String?
  private var examples: [Int: String] = [:]

  /// Looks into the masks, `limit` of them at the most, evenly spread.
  init(_ paths: [String], limit: Int, ignore: Set<Int>, divisor: Int) throws {
    let chosen = (0..<min(limit, paths.count)).map {
      paths[$0 * paths.count / min(limit, paths.count)]
    }
    let perFile = try concurrently(chosen) { path -> [Int] in
      guard let values = try StoredMask(contentsOf: path).valuesInUse else {
        throw DatasetError(
          path: path,
          expected: "class indices, or a table of the mask's colours (labelmap.txt with lines "
            + "name:r,g,b)", received: "an RGB image and no such table")
      }
      return Set(values.map { $0 / divisor }).filter { !ignore.contains($0) }.sorted()
    }
    var all = Set<Int>()
    for (path, values) in zip(chosen, perFile) {
      for value in values where all.insert(value).inserted { examples[value] = path }
    }
    isBinary = all.isSubset(of: [0, 255]) && all.contains(255)
    if !isBinary { all.remove(255) }
    values = all.sorted()
    guard !isBinary, let greatest = values.last else { return }
    let objects = perFile.map { $0.filter { $0 != 0 && $0 != 255 } }
    let counted = objects.allSatisfy { $0 == Array(1..<($0.count + 1)) }
    let counts = Set(objects.map(\.count))
    if greatest > 255 {
      doubt =
        "values above 255 mostly number objects (class × 256 or × 1000 + object): 'divisor' says "
        + "which"
    } else if counted, chosen.count >= 3, counts.count >= 3, greatest >= 4 {
      doubt =
        "every mask holds 1, 2, 3 … up to a number of its own, as masks do that number the objects "
        + "of one class: object=NAME reads them so"
    } else if greatest >= 64, greatest > 2 * values.count {
      doubt = "values so far apart are no running indices"
    }
  }

  /// A file that holds the value.
  func example(of value: Int) -> String { examples[value] ?? examples.values.sorted().first ?? "" }
}
