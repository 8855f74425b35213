import AthanorCore
import AthanorVision

/// Detects the names of the values in a data set's mask files.
///
/// In this order: a table of colours, a list that names indices, the option `classes` (with
/// `values` where the values are not 0, 1, 2, …), the standard of the format where the boxes'
/// names agree, and numbers where the masks are all there is. Names are never guessed: where boxes
/// are named and the masks' values are not, the error asks for the names.
struct MaskNaming {
  /// A list that names mask values, and its file.
  struct IndexNames {
    var names: [Int: String]
    var file: String
  }

  /// Every mask file of the set, all splits.
  var paths: [String]
  var folder: String
  var labelMap: LabelMap?
  var indexNames: IndexNames?
  /// The option `classes`, and the option `values` with the mask value of each.
  var wanted: [String] = []
  var values: [Int] = []
  var ignore: [Int] = []
  var divisor = 1
  /// Whether the option `classes` may leave out the background, which then is value 0.
  var classesLeaveOutBackground = false
  /// Whether the option `classes` applies to these masks, so that messages mention it.
  var hasOption = true
  /// The names of boxes, where samples have some.
  var boxNames: [String] = []
  /// Those of `boxNames` that some box has, by their keys.
  var boxesInUse: Set<String> = []
  /// The format's own names by value, used where the boxes' names agree, and its colours.
  var standard: [String]?
  var standardColors: [UInt8] = []

  /// How many masks are read at most, to distinguish values from colours, and to find all values
  /// where there is no list.
  private static let (telling, listing) = (200, 2000)

  /// The meaning of the values, and the classes in their order.
  ///
  /// Errors: throws `ContentError` asking for the names where the values have none, or have
  /// different ones in two files.
  func coding(_ warnings: WarningLog) throws -> (coding: MaskCoding, names: [String]) {
    let coding = MaskCoding(ignore: Set(ignore), divisor: divisor, file: folder)
    guard values.isEmpty || values.count == wanted.count else {
      throw ContentError(
        path: "values", expected: "a mask value for each of the \(wanted.count) names in 'classes'",
        received: "\(values.count)")
    }
    if !values.isEmpty { return try named(Array(zip(values, wanted)), "classes", coding) }
    guard !paths.isEmpty else { return (coding, wanted) }
    let isListed =
      labelMap != nil || indexNames != nil || !wanted.isEmpty
      || (standard != nil && !boxNames.isEmpty)
    let found = try MaskValues(
      paths, limit: isListed ? Self.telling : Self.listing, ignore: coding.ignore,
      divisor: divisor)
    if let labelMap { return try self.coding(by: labelMap, found, coding) }
    if indexNames == nil, wanted.isEmpty, let standard, !boxNames.isEmpty,
      boxNames.allSatisfy(standard.contains),
      let coding = try self.coding(by: standard, found, coding)
    {
      return coding
    }
    if let path = found.firstColored {
      throw ContentError(
        path: path,
        expected: "class indices, or a table of the mask's colours (labelmap.txt with lines "
          + "name:r,g,b)", received: "an RGB image and no such table")
    }
    if let indexNames { return try self.coding(by: indexNames, found, coding, warnings) }
    if !wanted.isEmpty { return try codingByOption(found, coding, warnings) }
    if let reason = found.contradiction { throw question(found, reason) }
    if found.isBinary {
      warnings.note(
        "mask value 255 read as the class 'foreground', since masks hold nothing but 0 and 255 "
          + "(\(howToName("classes=[background, …]")))", in: found.example(of: 255))
      return try named(
        [(0, "background"), (255, "foreground")], "0 and 255 in the masks", coding)
    }
    guard boxNames.isEmpty else {
      throw question(found, "nothing says which class each value is, and the boxes' names cannot")
    }
    if let reason = try found.doubt() { throw question(found, reason) }
    let indices = found.values.filter { $0 != 255 }
    warnings.note(
      "mask values have no names and are called by number (\(howToName("classes=[…]")))",
      in: found.example(of: indices.first ?? 0))
    return try named(
      (0...(indices.last ?? 0)).map { ($0, "\($0)") }, "the masks themselves", coding)
  }

  private func howToName(_ option: String) -> String {
    "name them: " + (hasOption ? option : "class_names.txt beside the masks, a name a line")
  }

  private func named(
    _ pairs: [(Int, String)], _ file: String, _ coding: MaskCoding
  ) throws -> (MaskCoding, [String]) {
    var coding = coding
    coding.values = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    coding.file = file
    guard coding.values.count == pairs.count else {
      throw ContentError(
        path: file, expected: "each mask value once", received: "\(pairs.map(\.0)) as values")
    }
    return (coding, pairs.map(\.1))
  }

  /// By a table of colours. Palettes and RGB masks are read by colour. Gray values are colours
  /// where all of them are in the table; else they are named by a list of indices, or by the lines
  /// of a table with numbers.
  private func coding(
    by map: LabelMap, _ found: MaskValues, _ coding: MaskCoding
  ) throws -> (MaskCoding, [String]) {
    var coding = coding
    coding.colors = map.byColor
    coding.colorsDecide = true
    coding.file = map.file
    let grays = Set(
      map.byColor.keys.filter { $0.red == $0.green && $0.red == $0.blue }.map { Int($0.red) })
    let white = grays.contains(255) ? [] : [255]
    func areColors(_ values: Set<Int>) -> Bool { values.subtracting(white).isSubset(of: grays) }
    coding.equalChannelsAreColors = found.firstColored != nil || areColors(found.equalChannels)
    if areColors(found.gray) {
      coding.grayIsColor = true
    } else if found.gray.isSubset(of: [0, 1, 255]), grays.isSuperset(of: [0, 255]) {
      // With one bit, 1 is white.
      coding.values = [0: map.byColor[.black]!, 1: map.byColor[.white]!]
      return (coding, map.uniqueNames)
    }
    let byValue =
      found.gray.union(found.wide).subtracting(coding.grayIsColor ? found.gray : [])
      .union(coding.equalChannelsAreColors ? [] : found.equalChannels)
    if let indexNames {
      coding.values = indexNames.names
      if !byValue.isEmpty {
        for (value, name) in map.byValue.sorted(by: { $0.key < $1.key }) {
          guard let other = indexNames.names[value], ClassName.key(other) != ClassName.key(name)
          else { continue }
          throw ContentError(
            path: map.file,
            expected: "'\(other)' for mask value \(value), as \(indexNames.file) has it",
            received: "'\(name)'")
        }
      }
    } else if map.values != nil {
      coding.values = map.byValue
      if byValue.contains(0), !map.names.contains(where: ClassName.isBackground),
        !map.byColor.keys.contains(.black)
      {
        throw question(
          found, "\(map.file) names no background, so that 0 may be one or '\(map.names[0])'",
          names: map.uniqueNames)
      }
    } else if let value = byValue.subtracting([255]).min() {
      throw question(
        found, "\(map.file) says which colour each class has and not which value",
        names: map.uniqueNames, example: value)
    }
    return (coding, map.uniqueNames)
  }

  /// By a list that names indices; of two names the second is that of 255 where there is no 1.
  private func coding(
    by list: IndexNames, _ found: MaskValues, _ coding: MaskCoding, _ warnings: WarningLog
  ) throws -> (MaskCoding, [String]) {
    let pairs = list.names.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    if list.names[255] == nil {
      if let reason = found.contradiction { throw question(found, reason) }
      if found.isBinary {
        guard pairs.map(\.0) == [0, 1] else {
          throw question(
            found, "\(list.file) has \(pairs.count) names, and masks hold nothing but 0 and 255")
        }
        return try binary(pairs.map(\.1), list.file, found, coding, warnings)
      }
    }
    return try named(pairs, list.file, coding)
  }

  private func codingByOption(
    _ found: MaskValues, _ coding: MaskCoding, _ warnings: WarningLog
  ) throws -> (MaskCoding, [String]) {
    var names = try wanted.checkedClassNames(in: "classes", key: "the option 'classes'")
    if let reason = found.contradiction { throw question(found, reason) }
    let hasBackground = names.contains(where: ClassName.isBackground)
    if !hasBackground, classesLeaveOutBackground || (found.isBinary && names.count == 1) {
      names = ["background"] + names
    }
    if found.isBinary {
      guard names.count == 2 else {
        throw question(
          found, "'classes' has \(names.count) names, and masks hold nothing but 0 and 255")
      }
      return try binary(names, "classes", found, coding, warnings)
    }
    return try named(Array(names.enumerated().map { ($0, $1) }), "classes", coding)
  }

  private func binary(
    _ names: [String], _ file: String, _ found: MaskValues, _ coding: MaskCoding,
    _ warnings: WarningLog
  ) throws -> (MaskCoding, [String]) {
    warnings.note(
      "mask value 255 read as the class '\(names[1])', since masks hold nothing but 0 and 255 "
        + "(where it says nothing: ignore=[255])", in: found.example(of: 255))
    return try named([(0, names[0]), (255, names[1])], file, coding)
  }

  /// By the format's own names: palettes by its colours, which an image editor may have
  /// reordered. Nil where the masks have others.
  private func coding(
    by standard: [String], _ found: MaskValues, _ coding: MaskCoding
  ) throws -> (MaskCoding, [String])? {
    var coding = coding
    coding.colors = Dictionary(
      standard.enumerated().filter { 3 * $0.offset + 2 < standardColors.count }.map {
        index, name in
        let c = standardColors[(3 * index)..<(3 * index + 3)]
        return (MaskCoding.RGB(c[3 * index], c[3 * index + 1], c[3 * index + 2]), name)
      }, uniquingKeysWith: { first, _ in first })
    coding.colorsDecide = true
    // The objects of a mask have boxes as well. Many tools use the standard palette for their own
    // classes: a class without boxes is not one of the format.
    let names = found.values.filter { $0 != 255 }.flatMap { value -> [String?] in
      if let colors = found.paletteColors[value] { return colors.map { coding.colors[$0] } }
      return [standard.indices.contains(value) ? standard[value] : nil]
    }
    let areBoxes = names.allSatisfy { name in
      name.map { ClassName.isBackground($0) || boxesInUse.contains(ClassName.key($0)) } ?? false
    }
    guard areBoxes, !found.isBinary else { return nil }
    return try named(
      Array(standard.enumerated().map { ($0, $1) }), "the format's standard", coding)
  }

  private func question(
    _ found: MaskValues, _ reason: String, names: [String] = [], example: Int? = nil
  ) -> ContentError {
    // 255 is usually ignored, but not where values are gray levels.
    let all = found.isBinary || found.isSpread ? found.values : found.values.filter { $0 != 255 }
    let values = all.prefix(8).map(String.init).joined(separator: ", ")
    let more = all.count > 8 ? ", …" : ""
    let isPlain = all == Array(0..<all.count)
    let list = names.isEmpty ? "…" : names.prefix(8).joined(separator: ", ")
    let classes = names.count > 8 ? "\(list), …" : list
    return ContentError(
      path: found.example(of: example ?? all.last ?? 0),
      expected: "names for the mask values \(values)\(more): "
        + (!hasOption
          ? "class_names.txt beside the masks, a number and a name a line"
          : isPlain && names.isEmpty
            ? "classes=[…] in the order of the values"
            : "classes=[\(classes)] with values=[\(names.isEmpty ? values + more : "…")]"),
      received: "none; \(reason)")
  }
}
