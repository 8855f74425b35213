import AthanorCore
import AthanorData
import AthanorVision
import Testing

@Suite struct ADE20KTests {
  @Test func benchmark() throws {
    let folder = TemporaryFolder()
    for (split, name) in [("training", "ADE_train_00000001"), ("validation", "ADE_val_00000001")] {
      try folder.write(blank(4, 1), to: "images/\(split)/\(name).jpg")
      try folder.write(row([0, 1, 13, 150]), to: "annotations/\(split)/\(name).png")
    }
    let (layout, source) = try recognised(folder)
    let train = try source.open(.train)
    #expect(layout == "ade20k" && train.names == ["ADE_train_00000001"])
    #expect(try source.splits() == [.train, .val])
    #expect(train.maskClasses.count == 150 && Set(train.maskClasses).count == 150)
    #expect(train.maskClasses[12] == "person" && train.maskClasses[149] == "flag")
    #expect(try train.sample(at: 0).mask!.pixels == [255, 0, 12, 149])
    let some = try recognised(folder, [("classes", .list([.string("flag"), .string("wall")]))])
      .source.open(.val)
    #expect(try some.sample(at: 0).mask!.pixels == [255, 1, 255, 0])
    // Names of the folder's own table; a value beyond it is an error.
    try folder.write(
      "Idx\tRatio\tTrain\tVal\tStuff\tName\n1\t0.1\t1\t1\t1\twall\n2\t0.1\t1\t1\t1\tscreen, a\n"
        + "3\t0.1\t1\t1\t0\tscreen, b\n",
      to: "objectInfo150.txt")
    let own = try recognised(folder).source.open(.train)
    #expect(own.maskClasses == ["wall", "screen, a", "screen, b"])
    #expect(message { _ = try own.sample(at: 0) }.contains("received 13"))
    try folder.write("1\t0.1\twall\n", to: "objectInfo150.txt")
    #expect(
      message { _ = try recognised(folder).source.open(.train) }.contains("four more columns"))
  }

  private func full(_ stem: String, in folder: TemporaryFolder, _ colors: [[UInt8]]) throws {
    try folder.write(blank(colors.count, 1), to: "\(stem).png")
    try folder.write(colorRow(colors), to: "\(stem)_seg.png")
  }

  @Test func releaseOf2017() throws {
    let folder = TemporaryFolder()
    // Class 4 × 256 + 2 (red 40), objects 3 and 7; class 5, object 9.
    let stem = "images/training/street/a"
    try full(stem, in: folder, [[0, 0, 0], [40, 2, 3], [40, 2, 7], [40, 2, 7], [0, 5, 9]])
    try folder.write(
      """
      001 # 0 # 1 # car, auto # car # ""
      002 # 0 # 0 # car, auto # car # "red"
      003 # 0 # 0 # person, someone # walker # ""
      001 # 1 # 0 # wheel # wheel # ""

      """, to: "\(stem)_atr.txt")
    try full("images/validation/b", in: folder, [[0, 5, 1]])
    try folder.write(
      "001 # 0 # 0 # person, someone # p # \"\"\n", to: "images/validation/b_atr.txt")
    let (layout, source) = try recognised(folder)
    let train = try source.open(.train)
    #expect(layout == "ade20k" && train.names == ["street/a"])
    #expect(try source.open(.val).names == ["b"])
    #expect(train.maskClasses == ["car", "person"])
    #expect(train.boxClasses == ["car", "person"])
    let sample = try train.sample(at: 0)
    #expect(sample.mask!.pixels == [255, 0, 0, 0, 1])
    #expect(
      sample.boxes!.sorted { $0.x1 < $1.x1 } == [
        BoundingBox(x1: 1, y1: 0, x2: 2, y2: 1, label: 0),
        BoundingBox(x1: 2, y1: 0, x2: 4, y2: 1, label: 0),
        BoundingBox(x1: 4, y1: 0, x2: 5, y2: 1, label: 1),
      ])
    #expect(try source.open(.val).sample(at: 0).mask!.pixels == [1])
  }

  @Test func releaseOf2021() throws {
    let folder = TemporaryFolder()
    let stem = "ADE20K_2021_17_01/images/ADE/training/urban/street/ADE_train_1"
    try full(stem, in: folder, [[0, 0, 0], [70, 8, 1], [0, 5, 2], [0, 5, 2]])
    try folder.write(row([0, 255, 0, 0]), to: "\(stem)/instance_000_ADE_train_1.png")
    let object = { (name: String, number: Int, level: Int) in
      "{\"id\": 0, \"name\": \"\(name)\", \"name_ndx\": \(number), \"raw_name\": \"x\", "
        + "\"parts\": {\"hasparts\": [], \"part_level\": \(level)}, "
        + "\"polygon\": {\"x\": [1, 2], \"y\": [0, 1]}}"
    }
    try folder.write(
      """
      {"annotation": {"filename": "ADE_train_1.jpg", "object": [
       \(object("tree", 1800, 0)), \(object("sky", 5, 0)), \(object("leaf", 9, 1))]}}
      """, to: "\(stem).json")
    let train = try recognised(folder).source.open(.train)
    #expect(train.names == ["urban/street/ADE_train_1"])
    #expect(train.maskClasses == ["sky", "tree"])
    let sample = try train.sample(at: 0)
    #expect(sample.mask!.pixels == [255, 1, 0, 0])
    #expect(sample.boxes!.map(\.label).sorted() == [0, 1])
  }

  @Test func moreClassesThanAMaskHolds() throws {
    let folder = TemporaryFolder()
    for part in 0..<2 {
      let colors = (0..<150).map { [UInt8(10 * part), UInt8($0), UInt8($0 + 1)] }
      let stem = "training/\(part)"
      try full(stem, in: folder, colors)
      let lines = (0..<150).map { "\($0 + 1) # 0 # 0 # c\(part)_\($0) # x # \"\"" }
      try folder.write(lines.joined(separator: "\n"), to: "\(stem)_atr.txt")
    }
    let train = try recognised(folder).source.open(.train)
    #expect(train.maskClasses.count == 150)
    #expect(train.warnings.all.contains { $0.kind.hasPrefix("class beyond") && $0.count == 150 })
    let two = try recognised(folder, [("classes", .list([.string("c1_7"), .string("c0_2")]))])
      .source.open(.train)
    #expect(try two.sample(at: 1).mask!.pixels[7] == 0 && two.sample(at: 0).mask!.pixels[2] == 1)
  }

  @Test func hostileFolders() throws {
    let folder = TemporaryFolder()
    let stem = "training/a"
    try full(stem, in: folder, [[0, 5, 1], [0, 6, 2]])
    let found = try ADE20KLayout.recognise(DataTree(folder.path))
    #expect("\(found)".contains("without training/a_atr"))
    let read = { try recognised(folder).source.open(.train).sample(at: 0) }
    for (text, expected) in [
      ("1 # 0 # 0 # sky # sky # \"\"\n", "the 1 objects that its text file names, received 2"),
      ("1 # 0 # 0 # sky\n", "lines 'number # part level"),
      ("1 # 0 # 0 # sky # s # \"\"\n1 # 0 # 0 # sea # s # \"\"\n", "object 1 twice"),
    ] {
      try folder.write(text, to: "\(stem)_atr.txt")
      let said = message { _ = try read() }
      #expect(said.contains(expected), "\(said)")
    }
    try folder.write(
      "1 # 0 # 0 # sky # s # \"\"\n2 # 0 # 0 # sea # s # \"\"\n", to: "\(stem)_atr.txt")
    try folder.write(colorRow([[0, 5, 1], [0, 5, 2]]), to: "\(stem)_seg.png")
    #expect(message { _ = try read() }.contains("one name for class 5"))
    try folder.write(colorRow([[0, 5, 1]]), to: "\(stem)_seg.png")
    #expect(message { _ = try read() }.contains("received 1×1"))
    try folder.write(row([1, 2]), to: "\(stem)_seg.png")
    #expect(message { _ = try read() }.contains("one channel"))
  }
}
