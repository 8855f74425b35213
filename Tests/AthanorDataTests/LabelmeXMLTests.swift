import AthanorCore
import AthanorData
import AthanorVision
import Testing

@Suite struct LabelmeXMLTests {
  private func square(_ x: Int, _ size: Int = 2) -> String {
    let points = [(x, 0), (x + size, 0), (x + size, size), (x, size)]
    return "<polygon>"
      + points.map { "<pt><x>\($0.0)</x><y>\($0.1)</y></pt>" }.joined() + "</polygon>"
  }

  private func write(_ folder: TemporaryFolder, _ objects: String, _ name: String = "x.png") throws
  {
    try folder.write(
      """
      <annotation><filename>\(name)</filename><folder>one</folder>\(objects)
      <imagesize><nrows>2</nrows><ncols>8</ncols></imagesize></annotation>
      """, to: "Annotations/one/x.xml")
    try folder.write(blank(8, 2), to: "Images/one/x.png")
  }

  private func open(_ folder: TemporaryFolder) throws -> any Dataset {
    var selection = try recogniseLayout(of: folder.path)
    #expect(selection.name == "labelme_xml")
    selection.options.append(.init("val", .number(0)))
    return try datasets.make(selection, at: "data").open(.train)
  }

  @Test func polygonsMasksAndBoxes() throws {
    let folder = TemporaryFolder()
    var mask = Image(width: 8, height: 2, channels: 3)
    for c in 0..<3 { mask.pixels[3 * 7 + c] = 90 }
    try folder.write(mask, to: "Masks/one/x_mask_1.png")
    try write(
      folder,
      """
      <object><name>window</name><deleted>0</deleted>\(square(0))</object>
      <object><name>gone</name><deleted>1</deleted>\(square(2))</object>
      <object><name>car</name>
      <segm><box><xmin>7</xmin></box><mask>x_mask_1.png</mask></segm></object>
      <object><name>car</name><type>bounding_box</type>\(square(4))</object>
      <object><name>line</name><polygon><pt><x>1</x><y>1</y></pt></polygon></object>
      """)
    let train = try open(folder)
    #expect(
      train.maskClasses == ["background", "car", "window"] && train.names == ["one/x"])
    let sample = try train.sample(at: 0)
    #expect(
      sample.mask?.pixels == [2, 2, 0, 0, 255, 255, 0, 1, 2, 2, 0, 0, 255, 255, 0, 0])
    #expect(
      sample.boxes == [
        BoundingBox(x1: 0, y1: 0, x2: 2, y2: 2, label: 1),
        BoundingBox(x1: 7, y1: 0, x2: 8, y2: 1, label: 0),
        BoundingBox(x1: 4, y1: 0, x2: 6, y2: 2, label: 0),
      ])
    #expect(
      train.warnings.all.map(\.kind) == ["deleted object left out", "object without area left out"])
  }

  @Test func badFiles() throws {
    let folder = TemporaryFolder()
    try write(folder, "<object><name>a</name><segm><mask>m.png</mask></segm></object>")
    #expect(message { _ = try open(folder).sample(at: 0) }.contains("the mask Masks/one/m.png"))
    try folder.write(blank(3, 3), to: "Masks/one/m.png")
    #expect(message { _ = try open(folder).sample(at: 0) }.contains("received 3×3"))
    try write(folder, "<object><name>a</name><segm><mask>../../../m.png</mask></segm></object>")
    #expect(message { _ = try open(folder).sample(at: 0) }.contains("expected a path inside"))
    try write(folder, "<object><name>a</name><polygon><pt><x>p</x><y>1</y></pt></polygon></object>")
    #expect(message { _ = try open(folder).sample(at: 0) }.contains("received 'p'"))
    try write(folder, "<object><name>a</name>\(square(0))</object>")
    try folder.write(blank(9, 2), to: "Images/one/x.png")
    #expect(message { _ = try open(folder).sample(at: 0) }.contains("an image of 8×2"))
    let text = try TextFile.read("\(folder.path)/Annotations/one/x.xml")
    try folder.write(text.replacing(">8<", with: ">8.0<"), to: "Annotations/one/x.xml")
    #expect(message { _ = try open(folder).sample(at: 0) }.contains("an image of 8×2"))
    try folder.write(
      Array("<annotation><imagesize><nrows>2</nrows></imagesize><filename>".utf8) + [0xFF, 0xFE],
      to: "Annotations/one/y.xml")
    try folder.write(blank(8, 2), to: "Images/one/y.png")
    #expect(message { _ = try open(folder).sample(at: 1) }.contains("y.xml"))
  }
}
