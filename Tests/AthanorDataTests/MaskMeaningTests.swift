import AthanorCore
import AthanorData
import AthanorVision
import Foundation
import Testing

/// What mask values mean is one rule for a whole data set: right, or a question.
@Suite struct MaskMeaningTests {
  /// A folder of images and masks of one row each, and other files.
  private func folder(_ masks: [Image], _ files: [String: String] = [:]) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    for (number, mask) in masks.enumerated() {
      try folder.write(blank(mask.width, mask.height), to: "images/\(number).png")
      try folder.write(mask, to: "masks/\(number).png")
    }
    for (name, text) in files { try folder.write(text, to: name) }
    return folder
  }

  /// The names of all pixels, mask by mask; or what is said.
  private func read(_ folder: TemporaryFolder, _ options: [(String, Settings)] = []) -> String {
    do {
      let source = try recognised(folder, [("val", .number(0))] + options).source
      let data = try source.open(.train)
      return try (0..<data.count).map { index in
        try data.sample(at: index).mask!.pixels
          .map { $0 == 255 ? "?" : data.maskClasses[Int($0)] }.joined(separator: " ")
      }.joined(separator: " | ")
    } catch {
      return "\(error)"
    }
  }

  private static let binaryMap = "object:255,255,255\nbackground:0,0,0\n"
  private static let names = ["class_names.txt": "background\nobject\n"]

  @Test func zeroAnd255() throws {
    let masks = [row([0, 255]), row([0, 0])]
    let expected = "background object | background background"
    #expect(read(try folder(masks, ["labelmap.txt": Self.binaryMap])) == expected)
    #expect(read(try folder(masks, Self.names)) == expected)
    let one = [("classes", Settings.list([.string("object")]))]
    #expect(read(try folder(masks), one) == expected)
    // One bit a pixel: 1 is white.
    let bits = try folder([row([0, 1])], ["labelmap.txt": Self.binaryMap])
    #expect(read(bits) == "background object")
    let three = read(try folder(masks, ["class_names.txt": "background\ncat\ndog\n"]))
    #expect(three.contains("3 names") && three.contains("values=[0, 255]"), "\(three)")
    let mixed = read(try folder([row([0, 255]), row([0, 1])], Self.names))
    #expect(mixed.contains("others 0 and 255") && mixed.contains("ignore=[255]"), "\(mixed)")
    // Where a mask holds both, 255 says nothing.
    #expect(read(try folder([row([1, 255])], Self.names)) == "object ?")
    let spread = read(try folder([row([0, 128, 255])]))
    #expect(spread.contains("values=[0, 128, 255]"), "\(spread)")
  }

  @Test func grayLevelsAreColoursOfTheTable() throws {
    let map = ["labelmap.txt": "cat:0,0,0\ndog:128,128,128\nroad:255,255,255\n"]
    #expect(
      read(try folder([row([0, 128, 255]), row([255, 0, 255])], map))
        == "cat dog road | road cat road")
    let small = ["labelmap.txt": "background:0,0,0\ndog:2,2,2\ncat:1,1,1\n"]
    #expect(read(try folder([row([0, 1, 2])], small)) == "background cat dog")
    // An RGB mask of one gray is by colour where others are.
    let colors = ["labelmap.txt": "cat:255,0,0\ndog:0,0,255\nbackground:0,0,0\n"]
    #expect(
      read(
        try folder(
          [colorRow([[0, 0, 0], [0, 0, 0]]), colorRow([[255, 0, 0], [0, 0, 255]])], colors))
        == "background background | cat dog")
  }

  @Test func tablesOfColoursNameNoIndices() throws {
    let map = "sky:128,128,128\nroad:128,64,128\nvoid:0,0,0\n"
    let said = read(try folder([row([0, 1, 2])], ["label_colors.txt": map]))
    #expect(said.contains("classes=[sky, road, void]") && said.contains("not which value"))
    let cats = read(try folder([row([0, 1])], ["labelmap.txt": "cat:9,0,0\ndog:0,9,0\n"]))
    #expect(cats.contains("names no background"), "\(cats)")
    let both = read(
      try folder(
        [row([0, 1])],
        ["labelmap.txt": "background:0,0,0\ncat:9,0,0\n", "class_names.txt": "background\ndog\n"]
      ))
    #expect(both.contains("'dog' for mask value 1") && both.contains("received 'cat'"), "\(both)")
  }

  @Test func palettesThatContradictEachOther() throws {
    let folder = try folder([row([0, 1]), row([0, 1])])
    for (number, red) in [200, 100].enumerated() {
      try folder.write(
        row([0, 1]), to: "masks/\(number).png", palette: [0, 0, 0, UInt8(red), 0, 0])
    }
    #expect(read(folder).contains("value 1 has several colours"))
    try folder.write("background:0,0,0\ncat:200,0,0\ndog:100,0,0\n", to: "labelmap.txt")
    #expect(read(folder) == "background cat | background dog")
    #expect(read(folder, [("ignore", .list([.integer(1)]))]) == "background ? | background ?")
  }

  @Test func masksThatNumberObjects() throws {
    let masks = [[0, 1, 0, 2], [0, 1, 1, 1], [3, 2, 0, 1]].map { row($0.map(UInt8.init)) }
    let said = read(try folder(masks))
    #expect(said.contains("object=NAME"), "\(said)")
    let objects = [("object", Settings.string("cat"))]
    let read255 = read(try folder([row([1, 255, 0, 2])]), objects)
    #expect(read255 == "cat ? background cat")
    // Classes occur in several places.
    #expect(read(try folder(masks + [row([1, 0, 1, 2])])).hasPrefix("0 1 0 2"))
  }

  @Test func tablesOfEachSplitAgree() throws {
    let folder = TemporaryFolder()
    for (split, names) in [("train", "background\ncat\n"), ("val", "background\ndog\n")] {
      try folder.write(blank(2, 1), to: "\(split)/images/a.png")
      try folder.write(row([0, 1]), to: "\(split)/masks/a.png")
      try folder.write(names, to: "\(split)/class_names.txt")
    }
    #expect(read(folder).contains("'cat' for value 1"))
    for (split, map) in [("train", "a:0,0,0\nb:1,1,1\n"), ("val", "b:0,0,0\na:1,1,1\n")] {
      try folder.write(map, to: "\(split)/masks/labelmap.txt")
    }
    #expect(read(folder).contains("masks/labelmap.txt: expected the classes"))
  }

  /// `cat` is (255, 0, 0) and `dog` (0, 0, 255) in all of them.
  @Test(arguments: [
    "background:0,0,0::\ncat:255,0,0::\ndog:0,0,255::\n",
    "background:0,0,0,255\ncat:255,0,0,255\ndog:0,0,255,255\n",
    "background = 0 0 0\ncat = 255 0 0\ndog = 0 0 255\n",
    "background: (0, 0, 0)\ncat: (255, 0, 0)\ndog: (0, 0, 255)\n",
    "0 0 0 background # ground\n255 0 0 cat # ours\n0 0 255 dog\n",
    "0 0 0\tbackground\n255 0 0\tcat\n0 0 255\tdog\n",
    "name,b,g,r\nbackground,0,0,0\ncat,0,0,255\ndog,255,0,0\n",
    "id,name,r,g,b\n2,cat,255,0,0\n0,background,0,0,0\n1,dog,0,0,255\n",
    "id,r,g,b,name\n2,255,0,0,cat\n0,0,0,0,background\n1,0,0,255,dog\n",
    "2 cat 255 0 0\n0 background 0 0 0\n1 dog 0 0 255\n",
    "\"name\",\"r\",\"g\",\"b\"\n\"background\",\"0\",\"0\",\"0\"\n\"cat\",\"255\",\"0\",\"0\"\n"
      + "\"dog\",\"0\",\"0\",\"255\"\n",
    "background #000000\ncat #ff0000\ndog #0000ff\n",
    "#000000 background\n#ff0000 cat\n#0000ff dog\n",
  ])
  func spellingsOfTables(_ text: String) throws {
    let colors = try folder(
      [colorRow([[0, 0, 0], [255, 0, 0], [0, 0, 255]])], ["colors.txt": text])
    #expect(read(colors) == "background cat dog")
    guard text.contains("id,") || text.hasPrefix("2 cat") else { return }
    #expect(read(try folder([row([0, 1, 2])], ["colors.txt": text])) == "background dog cat")
  }

  @Test func oddTables() throws {
    let comma = try folder(
      [colorRow([[0, 0, 0], [9, 0, 0]])],
      ["class_dict.csv": "name,r,g,b\nbackground,0,0,0\n\"cat, big\",9,0,0\n"])
    #expect(read(comma) == "background cat, big")
    let alpha = read(
      try folder([row([0])], ["labelmap.txt": "background:0,0,0,0\ncat:9,0,0,255\n"]))
    #expect(alpha.contains("received 'background:0,0,0,0'"))
    // A number without anything behind it is part of the name.
    let floors = try folder([row([0, 1])], ["class_names.txt": "1st_floor\n2nd_floor\n"])
    #expect(read(floors) == "1st_floor 2nd_floor")
  }

  @Test func whatHidesColours() throws {
    let clear = Image(width: 2, height: 1, channels: 4, pixels: [0, 0, 0, 0, 255, 0, 0, 0])
    let folder = try folder([row([0, 0])], ["labelmap.txt": "background:0,0,0\ncat:255,0,0\n"])
    try folder.write(clear, to: "masks/0.png")
    #expect(read(folder).contains("transparent pixels"))
    try FileManager.default.removeItem(atPath: "\(folder.path)/masks/0.png")
    try folder.write(blank(2, 1), to: "masks/0.jpg")
    #expect(read(folder).contains("a JPEG, whose compression changes them"))
  }

  @Test func noiseNumbersNoObjects() throws {
    var generator = Generator(1)
    let noise = Image16(
      width: 300, height: 300, channels: 1,
      pixels: (0..<90_000).map { _ in UInt16(generator.integer(in: 0..<60_000)) })
    let folder = try folder([blank(300, 300)])
    try folder.write(noise.pngData(), to: "masks/0.png")
    let said = read(folder, [("object", .string("cat"))])
    #expect(said.contains("masks/0.png: expected a number an object"), "\(said)")
  }
}
