import AthanorCore
import AthanorVision

/// ADE20K as in the scene parsing benchmark of 2016: masks of 150 classes.
///
/// Mask value 0 is everything else and becomes 255; 1…150 are the classes, named by
/// `objectInfo150.txt` or `.csv`, or else by the benchmark's list. The first of several words for a
/// class is its name.
enum ADE20KBenchmark {
  /// The classes 1…150.
  static let standard = """
    wall, building, sky, floor, tree, ceiling, road, bed, windowpane, grass, cabinet, sidewalk, \
    person, earth, door, table, mountain, plant, curtain, chair, car, water, painting, sofa, \
    shelf, house, sea, mirror, rug, field, armchair, seat, fence, desk, rock, wardrobe, lamp, \
    bathtub, railing, cushion, base, box, column, signboard, chest of drawers, counter, sand, \
    sink, skyscraper, fireplace, refrigerator, grandstand, path, stairs, runway, case, pool \
    table, pillow, screen door, stairway, river, bridge, bookcase, blind, coffee table, toilet, \
    flower, book, hill, bench, countertop, stove, palm, kitchen island, computer, swivel chair, \
    boat, bar, arcade machine, hovel, bus, towel, light, truck, tower, chandelier, awning, \
    streetlight, booth, television receiver, airplane, dirt track, apparel, pole, land, \
    bannister, escalator, ottoman, bottle, buffet, poster, stage, van, ship, fountain, conveyer \
    belt, canopy, washer, plaything, swimming pool, stool, barrel, basket, waterfall, tent, bag, \
    minibike, cradle, oven, ball, food, step, tank, trade name, microwave, pot, animal, bicycle, \
    lake, dishwasher, screen, blanket, sculpture, hood, sconce, vase, traffic light, tray, \
    ashcan, fan, pier, crt screen, plate, monitor, bulletin board, shower, radiator, glass, \
    clock, flag
    """.split(separator: ",").map { ClassName.trimmed(String($0)) }

  private static func info(_ tree: DataTree) -> String? {
    tree.file(["objectInfo150.txt", "objectInfo150.csv"])
  }

  static func recognise(_ tree: DataTree) throws -> Recognition {
    guard let images = tree.folder(["images"]), let labels = tree.folder(["annotations"]),
      let mask = tree.files(in: labels, kinds: ["png"]).first
    else {
      return info(tree).map { .near("\($0) without images/ and annotations/ beside it") } ?? .no
    }
    let isNamed = FileName.last(of: mask).hasPrefix("ADE_")
    guard info(tree) != nil || isNamed else { return .no }
    return tree.files(in: images, kinds: ImageKind.allExtensions).isEmpty
      ? .near("\(images)/ without images") : .yes([])
  }

  static func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let found = try tree.images(
      in: tree.places(images: ["images"], labels: ["annotations"]), kinds: ["png"], warnings)
    guard !found.isEmpty else { throw noImages(in: tree, tree.folder(["images"]) ?? "") }
    let items = found.map {
      Survey.Item(name: $0.name, image: tree.path($0.path), split: $0.split)
    }
    let file = info(tree).map(tree.path)
    let names = try file.map { try listedNames(in: $0) } ?? standard
    let coding = MaskCoding(
      values: Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0 + 1, $1) }),
      ignore: [0], file: file ?? "the benchmark's 150 classes")
    return .masked(
      items, masks: found.map { $0.label.map(tree.path) }, coding,
      FoundClasses(masks: names, file: coding.file), warnings)
  }

  /// The names in a table of lines `number ratio train val stuff names`, by number from 1 on.
  ///
  /// Errors: throws `FileError`, `ContentError` for a line of another form.
  private static func listedNames(in path: String) throws -> [String] {
    let isTable = FileName.kind(of: path) == "csv"
    var words: [[String]] = []
    for line in try TextFile.lines(of: path) {
      let columns = line.split(
        maxSplits: 5, omittingEmptySubsequences: false,
        whereSeparator: { isTable ? $0 == "," : $0 == "\t" }
      ).map { ClassName.trimmed(String($0)) }
      guard columns.count == 6, let number = Int(columns[0]) else {
        if words.isEmpty, line.lowercased().hasPrefix("idx") { continue }
        throw ContentError(
          path: path, expected: "lines of a number, four more columns and the names",
          received: "'\(line.prefix(60))'")
      }
      guard number == words.count + 1 else {
        throw ContentError(
          path: path, expected: "number \(words.count + 1)", received: "\(number)")
      }
      words.append(
        columns[5].split { $0 == "," || $0 == ";" || $0 == "\"" }
          .map { ClassName.trimmed(String($0)) }.filter { !$0.isEmpty })
    }
    return ADE20KNames.shortest(words.map { $0.joined(separator: ", ") })
  }
}

/// ADE20K's class names, of several words for one thing.
enum ADE20KNames {
  /// The first word of each name, or the whole where another has the same first word.
  static func shortest(_ names: [String]) -> [String] {
    let first = names.map { name in
      ClassName.trimmed(String(name.split(separator: ",").first ?? ""))
    }
    let counts = Dictionary(first.map { ($0, 1) }, uniquingKeysWith: +)
    return zip(names, first).map { counts[$1] == 1 ? $1 : $0 }
  }
}
