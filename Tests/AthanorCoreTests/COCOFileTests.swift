import AthanorCore
import Testing

@Suite struct COCOFileTests {
  private func file(
    images: String = #"{"id": 3, "file_name": "a\\b.jpg", "width": 6, "height": 4}, {"id": "x"}"#,
    categories: String = #"{"id": 5, "name": "a"}, {"id": 7}"#, annotations: String
  ) throws -> COCOFile {
    try COCOFile(
      JSONText(
        Array(
          """
          {"annotations": [\(annotations)],
           "images": [\(images)], "categories": [\(categories)]}
          """.utf8), file: "a.json"))
  }

  @Test func anAnnotationTakesSixtyFourBytes() {
    #expect(MemoryLayout<COCOFile.Annotation>.stride == 64)
  }

  @Test func idsOfBothKindsAndKeysInAnyOrder() throws {
    let file = try file(
      annotations: """
        {"id": 9, "image_id": "x", "category_id": 7, "bbox": [1, 2, 3, 4], "area": 5,
         "iscrowd": true, "ignore": 1},
        {"id": "t", "image_id": 3, "category_id": 5, "bbox": [1, 2, 3, 4], "iscrowd": 0},
        {"image_id": 3, "category_id": 8, "bbox": [1, 2, 3, 4]},
        {"image_id": 2, "category_id": 8, "bbox": [1, 2, 3, 4]}
        """)
    #expect(file.images.map(\.id) == [.number(3), .text("x")])
    #expect(file.images[0].fileName == "a/b.jpg" && file.images[1].fileName == nil)
    #expect(file.images[0].width == 6 && file.images[1].width == nil)
    #expect(file.categories.map(\.name) == ["a", "7"])
    #expect(file.annotations.map(\.image) == [1, 0, 0, -1])
    #expect(file.annotations.map(\.category) == [1, 0, -1, -1])
    #expect(file.annotations.map(\.isCrowd) == [true, false, false, false])
    #expect(file.annotations.map(\.area) == [5, 12, 12, 12])
    #expect((0..<4).map { file.id(ofAnnotation: $0) } == [.number(9), .text("t"), nil, nil])
    #expect(file.annotations(ofImage: 0) == [1, 2] && file.annotations(ofImage: 1) == [0])
    #expect(file.unknownImages?.count == 1 && file.unknownImages?.first == 3)
    #expect(file.unknownImages?.id == .number(2))
    #expect(file.unknownCategories?.count == 2 && file.unknownCategories?.first == 2)
    #expect(file.unknownCategories?.id == .number(8))
  }

  @Test func sizesAsText() throws {
    let file = try file(images: #"{"id": 1, "width": "640", "height": 480.0}"#, annotations: "")
    #expect(file.images[0].width == 640 && file.images[0].height == 480)
    #expect(throws: JSONError.self) {
      _ = try self.file(images: #"{"id": 1, "width": "wide"}"#, annotations: "")
    }
  }

  @Test func polygonsOfTwoPointsAreCounted() throws {
    let file = try file(
      annotations: """
        {"image_id": 3, "category_id": 5, "bbox": [0, 0, 4, 3],
         "segmentation": [[0, 0, 4, 3], [0, 0, 4, 0, 4, 3]]}
        """)
    var leftOut = 0
    #expect(
      try file.segmentation(of: 0, leftOut: &leftOut) == .polygons([[0, 0, 4, 0, 4, 3]]))
    #expect(leftOut == 1)
  }

  static let outlines: [(text: String, outline: COCOSegmentation, area: Double?)] = [
    ("[[0, 0, 4, 0, 4, 3], [1, 1, 2, 1]]", .polygons([[0, 0, 4, 0, 4, 3]]), 6),
    ("[0, 0, 4, 0, 4, 3]", .polygons([[0, 0, 4, 0, 4, 3]]), 6),
    ("[[0, 0], [4, 0], [4, 3]]", .polygons([[0, 0, 4, 0, 4, 3]]), 6),
    ("[[[0, 0], [4, 0], [4, 3]]]", .polygons([[0, 0, 4, 0, 4, 3]]), 6),
    ("[]", .none, nil), ("[[]]", .none, nil), ("null", .none, nil), ("[[1, 2, 3, 4]]", .none, nil),
    (
      #"{"size": [3, 4], "counts": [0, 5, 7]}"#, .runs(height: 3, width: 4, counts: [0, 5, 7]), 5
    ),
    (
      #"{"size": [3, 4], "counts": "1243"}"#, .runs(height: 3, width: 4, counts: [1, 2, 4, 5]), 7
    ),
  ]

  @Test(arguments: outlines.indices)
  func outlinesAreReadWhenAskedFor(index: Int) throws {
    let (text, outline, area) = Self.outlines[index]
    let file = try file(
      annotations: """
        {"id": 1, "image_id": 3, "category_id": 5, "bbox": [0, 0, 2, 2], "segmentation": \(text)}
        """)
    #expect(try file.segmentation(of: 0) == outline)
    #expect(file.annotations[0].area == (area ?? 4))
  }

  @Test func missingBoxesComeFromOutlines() throws {
    func box(_ segmentation: String) throws -> [Double] {
      let a = try file(
        annotations: """
          {"id": 1, "image_id": 3, "category_id": 5, "segmentation": \(segmentation)}
          """
      ).annotations[0]
      return [a.x, a.y, a.width, a.height, a.area]
    }
    #expect(try box("[[1, 2, 5, 2, 5, 3]]") == [1, 2, 4, 1, 2])
    // Columns of three: rows 1 and 2 of column 0, all of column 1, row 0 of column 2.
    #expect(try box(#"{"size": [3, 4], "counts": [1, 6, 5]}"#) == [0, 0, 3, 3, 6])
    #expect(try box(#"{"size": [3, 4], "counts": [4, 1, 7]}"#) == [1, 1, 1, 1, 1])
    for nothing in ["null", "[]", #"{"size": [3, 4], "counts": [12]}"#] {
      let error = try #require(throws: JSONError.self) { try box(nothing) }
      #expect(error.key == "annotations[0].bbox")
    }
  }

  @Test(arguments: [
    #"{"size": [3, 4], "counts": [1, 6, 6]}"#, #"{"size": [3, 4], "counts": [-1, 13]}"#,
    #"{"size": [3, 4], "counts": [9223372036854775807, 9223372036854775807, 14]}"#,
    #"{"size": [4294967296, 4294967296], "counts": [0]}"#, #"{"size": [3], "counts": [3]}"#,
    #"{"counts": [3]}"#, #"{"size": [3, 4]}"#, #"{"size": [3, 4], "counts": "~~~~"}"#,
    #"{"size": [3, 4], "counts": "oooooooooooooooooooo"}"#, "[[1, 2, 3, 4, 5, 6, 7]]",
    "[[1, 2, 3, 4, 5, NaN]]", "[1, 2, [3]]", #""text""#,
  ])
  func badOutlinesNameTheirPlace(text: String) throws {
    let file = try file(
      annotations: """
        {"id": 1, "image_id": 3, "category_id": 5, "bbox": [0, 0, 2, 2], "area": 1,
         "segmentation": \(text)}
        """)
    let error = try #require(throws: JSONError.self) { try file.segmentation(of: 0) }
    #expect(error.key?.hasPrefix("annotations[0].segmentation") == true, "\(error)")
    #expect(error.line == 2 && error.file == "a.json")
  }

  @Test func whatOccursTwiceIsRefusedNamingBoth() throws {
    let image = try #require(throws: JSONError.self) {
      try file(images: #"{"id": 1}, {"id": 1}"#, annotations: "")
    }
    #expect(image.key == "images[1].id" && image.received == "1, as images[0]")
    let name = try #require(throws: JSONError.self) {
      try file(
        images: #"{"id": 1, "file_name": "a/b"}, {"id": 2, "file_name": "a\\b"}"#, annotations: "")
    }
    #expect(name.key == "images[1].file_name" && name.received == "'a/b', as images[0]")
    let category = try #require(throws: JSONError.self) {
      try file(categories: #"{"id": "c"}, {"id": "c"}"#, annotations: "")
    }
    #expect(category.key == "categories[1].id")
  }

  @Test func panopticSegmentsAreAnnotations() throws {
    let file = try file(
      categories: #"{"id": 5, "name": "a", "isthing": 0, "color": [1, 2, 3]}"#,
      annotations: """
        {"image_id": 3, "file_name": "a.png", "segments_info": [
          {"id": 1, "category_id": 5, "bbox": [0, 0, 2, 2], "area": 3, "iscrowd": 0},
          {"id": 2, "category_id": 5, "bbox": [0, 0, 1, 1], "area": 1, "iscrowd": 1}]}
        """)
    #expect(file.images[0].panopticFile == "a.png")
    #expect(file.annotations.map(\.image) == [0, 0])
    #expect(file.categories[0].isThing == false && file.categories[0].color == [1, 2, 3])
  }

  @Test func manyIdsAreToldApart() throws {
    var random = Generator(1)
    let ids = (0..<3000).map { _ in Int(truncatingIfNeeded: random.next()) }
    let file = try file(
      images: ids.map { "{\"id\": \($0)}" }.joined(separator: ","),
      annotations: ids.reversed().map {
        "{\"image_id\": \($0), \"category_id\": 5, \"bbox\": [0, 0, 1, 1]}"
      }.joined(separator: ","))
    #expect(file.annotations.map(\.image) == (0..<3000).reversed())
    #expect(file.images.map(\.id) == ids.map { .number($0) })
  }
}
