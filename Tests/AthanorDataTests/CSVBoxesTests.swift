import AthanorCore
import AthanorData
import AthanorVision
import Testing

@Suite struct CSVBoxesTests {
  private let heading = "filename,width,height,class,xmin,ymin,xmax,ymax\n"

  private func open(_ folder: TemporaryFolder) throws -> any DataSource {
    let selection = try recogniseLayout(of: folder.path)
    #expect(selection.name == "csv_boxes")
    return try datasets.make(selection, at: "data")
  }

  @Test func aFolderASplit() throws {
    let folder = TemporaryFolder()
    for split in ["train", "valid"] {
      for name in ["a", "b"] { try folder.write(blank(8, 4), to: "\(split)/\(name).jpg") }
    }
    try folder.write(
      heading + "b.jpg,8,4,\"nut, big\",1,1,5,3\r\nb.jpg,8,4,bolt,0,0,2,2\r\n",
      to: "train/_annotations.csv")
    try folder.write(
      heading + "a.jpg,8,4,bolt,0,0,8,4\nb.jpg,8,4,,,,,\n", to: "valid/_annotations.csv")
    let source = try open(folder)
    #expect(try source.splits() == [.train, .val])
    let train = try source.open(.train)
    #expect(train.boxClasses == ["bolt", "nut, big"] && train.maskClasses.isEmpty)
    #expect(train.count == 2)
    let samples = try (0..<2).map { try train.sample(at: $0) }
    #expect(
      samples[0].boxes == [
        BoundingBox(x1: 1, y1: 1, x2: 5, y2: 3, label: 1),
        BoundingBox(x1: 0, y1: 0, x2: 2, y2: 2, label: 0),
      ])
    // In no row: unlabelled. In a row without a class: no object.
    #expect(samples[1].boxes == nil)
    #expect(try source.open(.val).sample(at: 1).boxes == [])
  }

  @Test func oneTableInAnyOrder() throws {
    let folder = TemporaryFolder()
    for name in ["a", "b"] { try folder.write(blank(8, 4), to: "images/\(name).png") }
    try folder.write(
      "\u{FEFF}xmin;ymin;xmax;ymax;label;filename\n1;1;2;2;x;images/a.png\n1;1;2.5;3;y;b.png\n",
      to: "annotations.csv")
    let source = try open(folder)
    let train = try source.open(.train)
    #expect(try train.count == 1 && source.open(.val).count == 1)
    #expect(train.boxClasses == ["x", "y"])
  }

  @Test func tablesBesideTheFoldersOfTheirSplits() throws {
    let folder = TemporaryFolder()
    for (split, name) in [("train", "nut"), ("val", "bolt")] {
      for name in ["a", "b"] { try folder.write(blank(8, 4), to: "\(split)/\(name).png") }
      try folder.write(heading + "a.png,8,4,\(name),1,1,5,3\n", to: "\(split).csv")
    }
    let source = try open(folder)
    #expect(try source.open(.train).sample(at: 0).boxes?.map(\.label) == [1])
    #expect(try source.open(.val).sample(at: 0).boxes?.map(\.label) == [0])
    #expect(try source.open(.val).sample(at: 1).boxes == nil)
  }

  @Test func badFiles() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(8, 4), to: "train/a.jpg")
    func said(_ rows: String) throws -> String {
      try folder.write(heading + rows, to: "train/_annotations.csv")
      return message { _ = try open(folder).open(.train).sample(at: 0) }
    }
    #expect(try said("a.jpg,8,4,x,0,0,1\n").contains("_annotations.csv:2: expected 8 values"))
    #expect(try said("a.jpg,8,4,x,0,0,one,2\n").contains("'one'"))
    #expect(try said("a.jpg,8,4,x,0,0,nan,2\n").contains("'nan'"))
    #expect(try said("a.jpg,8,4,\"x,0,0,1,2\n").contains("to end a quoted value"))
    #expect(try said("a.jpg,9,4,x,0,0,1,2\n").contains("an image of 9×4"))
    #expect(try said("a.jpg,9.0,4.0,x,0,0,1,2\n").contains("an image of 9×4"))
    #expect(try said("a.jpg,8,4,x,0,0,1,2\na.jpg,9,4,x,0,0,1,2\n").contains(".csv:3: expected"))
    #expect(try said("a.jpg,,,x,0,0,1,2\na.jpg,9,4,x,0,0,1,2\n").contains(".csv:3: expected"))
    #expect(try said("a.jpg,wide,4,x,0,0,1,2\n").contains(".csv:2: expected the image's width"))
    #expect(try said("gone.jpg,8,4,x,0,0,1,2\n").contains("no 'gone.jpg' there"))
    #expect(try said("../../../b.jpg,8,4,x,0,0,1,2\n").contains("expected a path inside"))
    try folder.write(Array(heading.utf8) + [0xFF, 0xFE, 0x0A], to: "train/_annotations.csv")
    #expect(message { _ = try open(folder).open(.train) }.contains("not UTF-8"))
    let near = TemporaryFolder()
    try near.write("a,b\n", to: "_annotations.csv")
    #expect(message { _ = try recogniseLayout(of: near.path) }.contains("without the columns"))
  }
}
