import AthanorCore
import AthanorData
import AthanorVision
import Testing

@Suite struct CVATTests {
  private func write(
    _ folder: TemporaryFolder, _ images: String, labels: [String] = ["dog", "cat"]
  )
    throws
  {
    let list = labels.map { "<label><name>\($0)</name><color>#ff0000</color></label>" }.joined()
    try folder.write(
      """
      <?xml version="1.0" encoding="utf-8"?>
      <annotations><version>1.1</version>
      <meta><job><labels>\(list)</labels></job></meta>
      \(images)
      </annotations>
      """, to: "annotations.xml")
  }

  private func image(_ shapes: String, _ name: String = "a.png", subset: String = "Train") -> String
  {
    "<image id=\"0\" name=\"\(name)\" subset=\"\(subset)\" width=\"4\" height=\"2\">"
      + "\(shapes)</image>"
  }

  private func open(_ folder: TemporaryFolder) throws -> any DataSource {
    let selection = try recogniseLayout(of: folder.path)
    #expect(selection.name == "cvat_xml")
    return try datasets.make(selection, at: "data")
  }

  @Test func shapesAndSubsets() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(4, 2), to: "images/in/a.png")
    try folder.write(blank(4, 2), to: "images/validation/b.png")
    try write(
      folder,
      image(
        """
        <polygon label="cat" points="0,0;1,0;1,2;0,2" z_order="1"/>
        <mask label="dog" rle="1, 2, 1" left="0" top="0" width="2" height="2" z_order="0"/>
        <box label="dog" xtl="2" ytl="0" xbr="3" ybr="1" occluded="0"/>
        <polyline label="cat" points="0,0;1,1"/><tag label="cat"/>
        """, "in/a.png")
        + image("", "b.png", subset: "validation"))
    let source = try open(folder)
    #expect(try source.splits() == [.train, .val])
    let train = try source.open(.train)
    #expect(train.maskClasses == ["background", "dog", "cat"])
    #expect(train.boxClasses == ["dog", "cat"] && train.names == ["in/a"])
    let sample = try train.sample(at: 0)
    #expect(sample.mask?.pixels == [2, 1, 255, 0, 2, 0, 0, 0])
    #expect(
      sample.boxes == [
        BoundingBox(x1: 0, y1: 0, x2: 2, y2: 2, label: 0),
        BoundingBox(x1: 2, y1: 0, x2: 3, y2: 1, label: 0),
        BoundingBox(x1: 0, y1: 0, x2: 1, y2: 2, label: 1),
      ])
    #expect(train.warnings.all.map(\.count) == [1, 1])
    let empty = try source.open(.val).sample(at: 0)
    #expect(empty.boxes == [] && empty.mask?.pixels == [UInt8](repeating: 0, count: 8))
  }

  @Test func layersAndShapesThatAreNotRead() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(4, 2), to: "a.png")
    let square = "points=\"0,0;1,0;1,1;0,1\""
    try write(
      folder,
      image(
        """
        <polygon label="cat" \(square) z_order="1.0"/><polygon label="dog" \(square)/>
        <polyline label="cat" points="2,0;3,2"/>
        <skeleton label="cat"><points label="eye" points="3.5,1.5"/></skeleton>
        """))
    let sample = try open(folder).open(.train).sample(at: 0)
    #expect(sample.mask?.pixels == [2, 0, 255, 0, 0, 0, 255, 255])
    try write(folder, image("<polygon label=\"cat\" \(square) z_order=\"top\"/>"))
    #expect(message { _ = try open(folder).open(.train).sample(at: 0) }.contains("'z_order'"))
  }

  @Test func anImageOfTwoSubsets() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(4, 2), to: "a.png")
    try write(folder, image("") + image("", subset: "Validation"))
    let source = try open(folder)
    #expect(try source.splits() == [.val])
    #expect(
      try source.open(.val).warnings.all.map(\.kind) == ["image in train and val, kept in val"])
  }

  @Test func boxesAloneHaveNoMask() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(4, 2), to: "a.png")
    let box = "<box label=\"cat\" xtl=\"1\" ytl=\"0\" xbr=\"2\" ybr=\"2\" rotation=\"90\"/>"
    try write(folder, image(box))
    let train = try open(folder).open(.train)
    #expect(train.maskClasses.isEmpty)
    let boxes = try #require(try train.sample(at: 0).boxes)
    #expect(abs(boxes[0].x1 - 0.5) < 1e-6 && abs(boxes[0].x2 - 2.5) < 1e-6)
    #expect(abs(boxes[0].y1 - 0.5) < 1e-6 && abs(boxes[0].y2 - 1.5) < 1e-6)
  }

  @Test func badFiles() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(4, 2), to: "a.png")
    func said(_ shapes: String, _ name: String = "a.png") throws -> String {
      try write(folder, image(shapes, name))
      return message { _ = try open(folder).open(.train).sample(at: 0) }
    }
    #expect(
      try said("<box label=\"cow\" xtl=\"0\" ytl=\"0\" xbr=\"1\" ybr=\"1\"/>").contains("'cow'"))
    #expect(try said("<box label=\"cat\" xtl=\"0\" ytl=\"0\" xbr=\"1\"/>").contains("number 'ybr'"))
    #expect(try said("<polygon label=\"cat\" points=\"0,0;x,1;2,2\"/>").contains("'x,1'"))
    let mask = "<mask label=\"cat\" left=\"0\" top=\"0\" width=\"2\" height=\"2\" rle="
    #expect(try said(mask + "\"1,2\"/>").contains("runs that add up to 2 · 2"))
    #expect(try said(mask + "\"1,9223372036854775807\"/>").contains("received more"))
    #expect(
      try said("<mask label=\"cat\" left=\"3\" top=\"0\" width=\"2\" height=\"2\" rle=\"4\"/>")
        .contains("inside the image (4×2)"))
    #expect(try said("", "../../../a.png").contains("expected a path inside"))
    #expect(try said("", "b.png").contains("expected its images"))
    try folder.write(blank(5, 2), to: "a.png")
    #expect(try said("").contains("received 5×2"))
    try write(folder, image("").replacing("width=\"4\"", with: "width=\"4.0\""))
    #expect(message { _ = try open(folder).open(.train).sample(at: 0) }.contains("received 5×2"))
    try folder.write("<annotations><track/></annotations>", to: "annotations.xml")
    #expect(message { _ = try open(folder).open(.train) }.contains("CVAT for video"))
    try folder.write("<annotations><image name=\"a.png\">", to: "annotations.xml")
    #expect(
      message { _ = try open(folder).open(.train) }.contains("annotations.xml:1: expected </image>")
    )
    try folder.write(
      "<!DOCTYPE x [<!ENTITY a \"b\">]><annotations></annotations>", to: "annotations.xml")
    #expect(message { _ = try open(folder).open(.train) }.contains("DTDs"))
    try folder.write(
      Array("<annotations><image name=\"".utf8) + [0xFF, 0xFE] + Array("\"/></annotations>".utf8),
      to: "annotations.xml")
    #expect(message { _ = try open(folder).open(.train) }.contains("UTF-8"))
  }
}
