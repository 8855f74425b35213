import AthanorCore
import AthanorData
import AthanorVision
import Testing

@Suite struct COCOPanopticTests {
  private let categories = """
    [{"id": 17, "name": "cat", "isthing": 1}, {"id": 3, "name": "car", "isthing": 1},
     {"id": 92, "name": "banner", "isthing": 0}]
    """

  private func write(_ folder: TemporaryFolder, _ split: String, segments: String, id: String = "7")
    throws
  {
    try folder.write(blank(4, 1), to: "\(split)2017/\(split).jpg")
    try folder.write(
      Image(
        width: 4, height: 1, channels: 3, pixels: [0, 0, 0, 1, 2, 0, 1, 2, 0, 5, 0, 1]),
      to: "annotations/panoptic_\(split)2017/\(split).png")
    try folder.write(
      """
      {"images": [{"id": \(id), "file_name": "\(split).jpg", "width": 4, "height": 1}],
       "categories": \(categories),
       "annotations": [{"image_id": \(id), "file_name": "\(split).png",
        "segments_info": [\(segments)]}]}
      """, to: "annotations/panoptic_\(split)2017.json")
  }

  private func open(_ folder: TemporaryFolder) throws -> any DataSource {
    let selection = try recogniseLayout(of: folder.path)
    #expect(selection.name == "coco_panoptic")
    return try datasets.make(selection, at: "data")
  }

  @Test func thingsStuffAndCrowds() throws {
    let folder = TemporaryFolder()
    try write(
      folder, "train",
      segments: """
        {"id": 513, "category_id": 17, "area": 2, "bbox": [1, 0, 2, 1], "iscrowd": 0},
        {"id": 65541, "category_id": 92, "area": 1, "bbox": [3, 0, 1, 1], "iscrowd": 0}
        """)
    try write(
      folder, "val",
      segments: """
        {"id": 513, "category_id": 3, "area": 2, "iscrowd": 1}, {"id": 65541, "category_id": 17}
        """, id: "\"seven\"")
    let source = try open(folder)
    #expect(try source.splits() == [.train, .val])
    let train = try source.open(.train)
    #expect(train.maskClasses == ["car", "cat", "banner"])
    #expect(
      train.boxClasses == ["car", "cat"]
        && train.classes.categoryIDs == [.number(3), .number(17)])
    let sample = try train.sample(at: 0)
    #expect(sample.mask?.pixels == [255, 1, 1, 2])
    #expect(sample.boxes == [BoundingBox(x1: 1, y1: 0, x2: 3, y2: 1, label: 1)])
    let crowd = try source.open(.val).sample(at: 0)
    #expect(crowd.mask?.pixels == [255, 0, 0, 1])
    #expect(crowd.boxes == [BoundingBox(x1: 3, y1: 0, x2: 4, y2: 1, label: 1)])
    #expect(crowd.annotations?.map(\.isCrowd) == [true, false])
  }

  @Test func badFiles() throws {
    let folder = TemporaryFolder()
    try write(folder, "train", segments: "{\"id\": 513, \"category_id\": 17}")
    let said = message { _ = try open(folder).open(.train).sample(at: 0) }
    #expect(said.contains("train.png: expected pixels of the segments") && said.contains("65541"))
    // A segment of a category that is none: its pixels are unknown, and it is counted.
    try write(
      folder, "train",
      segments: "{\"id\": 513, \"category_id\": 18}, {\"id\": 65541, \"category_id\": \"x\"}")
    let strange = try open(folder).open(.train)
    #expect(try strange.sample(at: 0).mask?.pixels == [255, 255, 255, 255])
    #expect(
      strange.warnings.all.contains { $0.kind.contains("first: category 18") && $0.count == 2 })
    try write(folder, "train", segments: "{\"id\": 513, \"category_id\": []}")
    #expect(message { _ = try open(folder).open(.train) }.contains("category_id"))
    try folder.write(blank(3, 1), to: "train2017/train.jpg")
    try write(
      folder, "val",
      segments: "{\"id\": 513, \"category_id\": 17}, {\"id\": 65541, \"category_id\": 92}")
    try folder.write(blank(3, 1), to: "val2017/val.jpg")
    try write(
      folder, "train",
      segments: "{\"id\": 513, \"category_id\": 17}, {\"id\": 65541, \"category_id\": 92}")
    #expect(message { _ = try open(folder).open(.val).sample(at: 0) }.contains("received 3×1"))
    try folder.write(
      """
      {"images": [{"id": 1, "file_name": "../../x.jpg"}], "categories": \(categories),
       "annotations": [{"image_id": 1, "segments_info": []}]}
      """, to: "annotations/panoptic_val2017.json")
    #expect(message { _ = try open(folder).open(.val) }.contains("expected a path inside"))
    for (segments, expected) in [
      ("{\"id\": 513, \"category_id\": 17}, {\"id\": 513, \"category_id\": 92}", "513 twice"),
      ("{\"id\": 0, \"category_id\": 17}", "0 is unlabelled"),
    ] {
      let wrong = TemporaryFolder()
      try write(wrong, "train", segments: segments)
      let said = message { _ = try open(wrong).open(.train).sample(at: 0) }
      #expect(said.contains("panoptic_train2017.json") && said.contains(expected), "\(said)")
      try wrong.write("", to: "annotations/panoptic_val2017.json")
      #expect(message { _ = try open(wrong).open(.train) }.contains("panoptic_val2017.json"))
    }
    let near = TemporaryFolder()
    try near.write(
      "{\"annotations\": [{\"segments_info\": []}]}", to: "annotations/panoptic_train.json")
    #expect(message { _ = try recogniseLayout(of: near.path) }.contains("panoptic_train/ of PNG"))
  }
}
