import AthanorCore
import AthanorData
import AthanorVision
import Foundation
import Testing

@Suite struct LabelmeTests {
  private func shape(
    _ label: String, _ type: String, _ points: String, group: Int? = nil
  ) -> String {
    """
    {"label": "\(label)", "shape_type": "\(type)", "points": \(points),
     "group_id": \(group.map(String.init) ?? "null"), "flags": {}}
    """
  }

  private func folder(_ shapes: [String], extra: String = "") throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    try folder.write(blank(20, 10), to: "a.png")
    try folder.write(
      """
      {"version": "5.0", "shapes": [\(shapes.joined(separator: ","))], "imagePath": "a.png",
       "imageWidth": 20, "imageHeight": 10, "imageData": null\(extra)}
      """, to: "a.json")
    return folder
  }

  private func open(_ folder: TemporaryFolder, _ options: [(String, Settings)] = []) throws
    -> any Dataset
  {
    try source("labelme", [("path", .string(folder.path)), ("val", .number(0))] + options)
      .open(.train)
  }

  @Test func shapesGiveMaskAndBoxes() throws {
    let folder = try folder([
      shape("nut", "rectangle", "[[2,3],[6,8]]"),
      shape("fig", "circle", "[[12,5],[12,8]]"),
      shape("date", "polygon", "[[4,0],[10,0],[10,4],[4,4]]"),
    ])
    let dataset = try open(folder)
    #expect(dataset.maskClasses == ["background", "date", "fig", "nut"])
    #expect(dataset.boxClasses == ["date", "fig", "nut"])
    let sample = try dataset.sample(at: 0)
    #expect(
      sample.boxes == [
        BoundingBox(x1: 2, y1: 3, x2: 6, y2: 8, label: 2),
        BoundingBox(x1: 9, y1: 2, x2: 15, y2: 8, label: 1),
        BoundingBox(x1: 4, y1: 0, x2: 10, y2: 4, label: 0),
      ])
    let mask = sample.mask!
    func value(_ x: Int, _ y: Int) -> UInt8 { mask.pixels[y * 20 + x] }
    #expect(value(2, 3) == 3 && value(5, 7) == 3 && value(6, 7) == 0 && value(2, 2) == 0)
    // The polygon lies over the rectangle and the circle.
    #expect(value(4, 3) == 1 && value(9, 3) == 1 && value(4, 4) == 3)
    #expect(value(11, 2) == 2 && value(12, 7) == 2 && value(9, 2) == 1 && value(14, 2) == 0)
    // A circle of radius 3 covers the centres of 32 pixels, one of them hidden by the polygon.
    #expect(mask.pixels.count { $0 == 2 } == 31)
  }

  @Test func groupsIgnoreAndLines() throws {
    let folder = try folder([
      shape("nut", "rectangle", "[[1,1],[4,4]]", group: 1),
      shape("nut", "rectangle", "[[10,5],[12,9]]", group: 1),
      shape("nut", "rectangle", "[[14,1],[16,3]]", group: 2),
      shape("__ignore__", "rectangle", "[[0,8],[3,10]]"),
      shape("nut", "line", "[[0,0],[5,5]]"), shape("nut", "point", "[[0,0]]"),
    ])
    let dataset = try open(folder)
    let sample = try dataset.sample(at: 0)
    #expect(
      sample.boxes == [
        BoundingBox(x1: 1, y1: 1, x2: 12, y2: 9, label: 0),
        BoundingBox(x1: 14, y1: 1, x2: 16, y2: 3, label: 0),
      ])
    // The region to ignore, the pixels around the line, one of them an object's, and of the point.
    #expect(sample.mask!.pixels.count { $0 == 255 } == 6 + 25 - 9)
    _ = try dataset.sample(at: 0)
    #expect(
      dataset.warnings.all.map { "\($0.count) \($0.kind)" } == [
        "1 shape of type 'line' left out", "1 shape of type 'point' left out",
      ])
  }

  @Test func embeddedImageAndForeignPaths() throws {
    let folder = TemporaryFolder()
    let png = Data(try blank(6, 4, 77).pngData()).base64EncodedString()
    let shapes = shape("nut", "rectangle", "[[1,1],[3,3]]")
    for path in ["../../elsewhere/b.png", "C:\\\\pictures\\\\b.png", "/etc/b.png"] {
      try folder.write(
        "{\"shapes\": [\(shapes)], \"imagePath\": \"\(path)\", \"imageData\": \"\(png)\"}",
        to: "b.json")
      #expect(try open(folder).sample(at: 0).image == blank(6, 4, 77))
    }
    try folder.write("{\"shapes\": [\(shapes)], \"imagePath\": \"gone.png\"}", to: "b.json")
    let said = message { _ = try open(folder).sample(at: 0) }
    #expect(said.contains("b.json: expected the image 'gone.png' beside it"))
  }

  @Test func givenClassesAndUnknownOnes() throws {
    let folder = try folder([shape("hazelnut", "rectangle", "[[1,1],[4,4]]")])
    let classes = Settings.list([.string("fig"), .string("hazlenut")])
    let said = message { _ = try open(folder, [("classes", classes)]) }
    #expect(said.contains("unknown class 'hazlenut'"))
    #expect(said.contains("did you mean 'hazelnut'?"))
    let known = Settings.list([.string("walnut"), .string("hazelnut")])
    #expect(try open(folder, [("classes", known)]).sample(at: 0).boxes![0].label == 1)
  }

  @Test func brokenFiles() throws {
    let folder = TemporaryFolder()
    #expect(message { _ = try open(folder) }.contains("expected labelme .json files"))
    try folder.write(blank(20, 10), to: "a.png")
    for (text, expected) in [
      ("{\"shapes\": [", "a.json:1:13: expected"),
      ("{\"shapes\":\n [{\"label\": [], \"points\": []}]}", "a.json:2:13"),
      ("{\"shapes\":\n [{\"label\": \"a\", \"points\": [[1, NaN]]}]}", "NaN"),
      (
        "{\"shapes\": [\(shape("x", "polygon", "[[1,1],[2,2]]"))]}",
        "at least 3 points in shape 0 (polygon 'x')"
      ),
    ] {
      try folder.write(text, to: "a.json")
      let said = message { _ = try open(folder).sample(at: 0) }
      #expect(said.contains("a.json") && said.contains(expected), "\(said)")
    }
    let other = try self.folder([])
    try other.write(blank(21, 10), to: "a.png")
    let said = message { _ = try open(other).sample(at: 0) }
    #expect(said.contains("expected an image of 20×10") && said.contains("received 21×10"))
  }

  @Test func numbersAndNamesAsTheyAreWritten() throws {
    let square = "\"points\": [[1,1],[4,1],[4,4],[1,4]]"
    func read(_ shapes: [String], _ rest: String = "") throws -> Sample {
      let folder = TemporaryFolder()
      try folder.write(blank(20, 10), to: "a.png")
      try folder.write(
        "{\"shapes\": [\(shapes.map { "{\(square), \($0)}" }.joined(separator: ","))]\(rest)}",
        to: "a.json")
      return try open(folder).sample(at: 0)
    }
    let nut = "\"label\": \"nut\""
    for (groups, count) in [
      (["\"a\"", "\"a\""], 1), (["1.2", "1.7"], 2), (["1", "1.0"], 1), (["1e300", "1e300"], 1),
      (["null", "null"], 2),
    ] {
      let shapes = groups.map { "\(nut), \"group_id\": \($0)" }
      #expect(try read(shapes).boxes!.count == count, "\(groups)")
    }
    #expect(try read(["\"label\": 1e300"]).boxes!.count == 1)
    #expect(
      try read([nut], ", \"imageWidth\": \"20\", \"imageHeight\": 10.0").boxes!.count == 1)
    for (shapes, rest, expected) in [
      ([nut], ", \"imageWidth\": 1e300", "imageWidth: expected a whole number"),
      ([nut], ", \"imageWidth\": \"640\"", "an image of 640×?"),
      ([nut], ", \"shapes\": []", "expected each key once"),
      ([nut], "} {", "the end of the text"),
      (["\"label\": \" \""], "", "a.json: expected a label at .shapes[0], received an empty one"),
      (["\"group_id\": 1"], "", "a label at .shapes[0], received none"),
    ] {
      let said = message { _ = try read(shapes, rest) }
      #expect(said.contains(expected), "\(said)")
    }
  }

  @Test func shapesOfOtherTypes() throws {
    let folder = try folder([
      shape("nut", "oriented_rectangle", "[[1,1],[4,1],[4,4],[1,4]]"),
      shape("fig", "spline", "[[10.5,2],[12,2]]"),
    ])
    let dataset = try open(folder)
    let sample = try dataset.sample(at: 0)
    #expect(sample.boxes!.count == 1 && sample.mask!.pixels.count { $0 == 1 } == 9)
    #expect(sample.mask!.pixels.indices.filter { sample.mask!.pixels[$0] == 255 } == [50, 51])
    #expect(dataset.warnings.all.map(\.kind) == ["shape of type 'spline' left out"])
    let two = try self.folder([shape("nut", "oriented_rectangle", "[[1,1],[4,4]]")])
    #expect(message { _ = try open(two).sample(at: 0) }.contains("at least 4 points"))
  }

  @Test func listsTellEqualNamesByTheirFolders() throws {
    let folder = TemporaryFolder()
    for (split, label) in [("train", "nut"), ("val", "fig")] {
      try folder.write(blank(20, 10), to: "\(split)/x.png")
      try folder.write(
        "{\"shapes\": [\(shape(label, "rectangle", "[[1,1],[4,4]]"))]}", to: "\(split)/x.json")
      try folder.write("\(split)/x.png\n", to: "\(split).txt")
    }
    let listed = try source("labelme", [("path", .string(folder.path))])
    #expect(try listed.open(.train).sample(at: 0).boxes?.map(\.label) == [1])
    #expect(try listed.open(.val).sample(at: 0).boxes?.map(\.label) == [0])
  }

  @Test func foldersWithoutAllFiles() throws {
    let folder = TemporaryFolder()
    try folder.write(blank(4, 2), to: "a_json/img.png")
    try folder.write(Image(width: 4, height: 2, channels: 1), to: "a_json/label.png")
    try folder.write("_background_\n", to: "a_json/label_names.txt")
    try folder.write(blank(4, 2), to: "b_json/img.png")
    let train = try source(
      "labelme_folders", [("path", .string(folder.path)), ("val", .number(0))]
    )
    .open(.train)
    #expect(
      train.names == ["a"]
        && train.warnings.all.map(\.description)
          == ["1 × folder without label.png left out (b_json)"]
    )
  }

  @Test(.enabled(if: realData != nil)) func nuts() throws {
    let path = Settings.string("\(realData!)/labelme_nuts/images")
    let labelme = try source("labelme", [("path", path), ("val", .number(0.25))])
    #expect(try labelme.open(.train).count == 6 && labelme.open(.val).count == 2)
    let dataset = try labelme.open(.train)
    #expect(dataset.boxClasses == ["date", "fig", "hazelnut"])
    let sample = try dataset.sample(at: 0)
    #expect(sample.name == "0" && sample.image.width == 800 && sample.boxes!.count == 12)
    #expect(Set(sample.mask!.pixels) == [0, 1, 2, 3])
  }
}
