import AthanorCore
import AthanorMetrics
import Foundation
import Testing

@Suite struct COCODatasetTests {
  /// A folder of its own with two files in it.
  func withFiles<Value>(
    truth: String, results: String = "[]", _ body: (String, String) throws -> Value
  ) throws -> Value {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "athanor-coco-files-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try AtomicFile.write(truth, to: folder + "/truth.json")
    try AtomicFile.write(results, to: folder + "/results.json")
    return try body(folder + "/truth.json", folder + "/results.json")
  }

  func truth(
    annotation: String = """
    {"id": 1, "image_id": 3, "category_id": 5, "bbox": [0, 0, 10, 10], "area": 100, "iscrowd": 0}
    """
  ) -> String {
    """
    {"images": [{"id": 3}, {"id": 1}], "categories": [{"id": 7, "name": "b"}, {"id": 5, "name": "a"}],
     "annotations": [\(annotation)]}
    """
  }

  func result(_ text: String) -> String { "[\(text)]" }

  @Test func answersWithVOCsPrecisionToo() throws {
    try withFiles(
      truth: truth(),
      results: """
        [{"image_id": 3, "category_id": 5, "bbox": [0, 0, 10, 5], "score": 0.5},
         {"image_id": 1, "category_id": 5, "bbox": [0, 0, 10, 10], "score": 0.9}]
        """
    ) { truth, results in
      // An IoU of .5 is enough; the better scored one is wrong.
      let found = try COCODataset.evaluateVOC(truth: truth, results: results)
      #expect(found.classNames == ["a", "b"])
      #expect(found.perClassAP == [0.5, nil])
      #expect(found.mAP == 0.5)
      #expect(try JSON(encoding: found)["perClassAP"]?["b"] == .null)
    }
  }

  @Test func readsByIdentifier() throws {
    try withFiles(
      truth: truth(),
      results: #"[{"image_id": 3, "category_id": 7, "bbox": [1, 2, 3, 4.5], "score": 1}]"#
    ) { truth, results in
      let dataset = try COCODataset(contentsOf: truth)
      #expect(dataset.images == [.number(1), .number(3)])
      #expect(dataset.categories.map(\.name) == ["a", "b"])
      #expect(dataset.truths.map(\.count) == [0, 1])
      let detections = try dataset.detections(contentsOf: results).byImage
      #expect(
        detections == [
          [], [COCODetection(x: 1, y: 2, width: 3, height: 4.5, category: 1, score: 1)],
        ])
    }
  }

  @Test func textIdentifiersAndMissingCrowdFlags() throws {
    let text = """
      {"images": [{"id": "b"}, {"id": "a"}], "categories": [{"id": 1}], "annotations": [
       {"id": 1, "image_id": "b", "category_id": 1, "bbox": [0, 0, 2, 2], "area": 4},
       {"id": 2, "image_id": "b", "category_id": 1, "bbox": [0, 0, 2, 2], "area": 4,
        "iscrowd": true}]}
      """
    try withFiles(truth: text) { truth, _ in
      let dataset = try COCODataset(contentsOf: truth)
      #expect(dataset.images == [.text("a"), .text("b")])
      #expect(dataset.truths[1].map(\.isCrowd) == [false, true])
      #expect(dataset.categories[0].name == "1")
    }
  }

  @Test func panopticTruthIsOfThings() throws {
    let text = """
      {"images": [{"id": 3}], "categories": [{"id": 5, "name": "sky", "isthing": 0},
       {"id": 7, "name": "cat", "isthing": 1}], "annotations": [
       {"image_id": 3, "file_name": "a.png", "segments_info": [
        {"id": 1, "category_id": 5, "bbox": [0, 0, 9, 9], "area": 40, "iscrowd": 0},
        {"id": 2, "category_id": 7, "bbox": [1, 2, 3, 4], "area": 6, "iscrowd": 0},
        {"id": 4, "category_id": 7, "bbox": [5, 5, 4, 4], "area": 9, "iscrowd": 1}]}]}
      """
    try withFiles(truth: text) { truth, _ in
      let dataset = try COCODataset(contentsOf: truth)
      #expect(dataset.categories.map(\.name) == ["cat"])
      #expect(dataset.truths[0].map(\.area) == [6, 9])
      #expect(dataset.truths[0].map(\.isCrowd) == [false, true])
    }
  }

  static let badTruths: [(annotation: String, key: String)] = [
    (#"{"image_id": 3, "category_id": 5, "bbox": [0, 0, 1, 1], "area": 1}"#, "annotations[0].id"),
    (
      #"{"id": 1, "category_id": 5, "bbox": [0, 0, 1, 1], "area": 1}"#,
      "annotations[0].image_id"
    ),
    (
      #"{"id": 1, "image_id": 4, "category_id": 5, "bbox": [0, 0, 1, 1], "area": 1}"#,
      "annotations[0].image_id"
    ),
    (
      #"{"id": 1, "image_id": 3, "category_id": 6, "bbox": [0, 0, 1, 1], "area": 1}"#,
      "annotations[0].category_id"
    ),
    (
      #"{"id": 1, "image_id": 3, "category_id": 5, "bbox": [0, 0, 1], "area": 1}"#,
      "annotations[0].bbox"
    ),
    (
      #"{"id": 1, "image_id": 3, "category_id": 5, "bbox": [0, 0, 1, "x"], "area": 1}"#,
      "annotations[0].bbox[3]"
    ),
    (
      #"{"id": 1, "image_id": 3, "category_id": 5, "bbox": [0, 0, 1, 1], "area": NaN}"#,
      "annotations[0].area"
    ),
    (
      #"{"id": 1, "image_id": 3, "category_id": 5, "bbox": null, "area": 1}"#,
      "annotations[0].bbox"
    ),
    (#""annotation""#, "annotations[0]"),
  ]

  @Test(arguments: badTruths.indices)
  func refusesTruthsByKey(index: Int) throws {
    let bad = Self.badTruths[index]
    try withFiles(truth: truth(annotation: bad.annotation)) { path, _ in
      let error = try #require(throws: JSONError.self) { try COCODataset(contentsOf: path) }
      #expect((error.key ?? "") == bad.key)
      #expect(error.file == path)
      #expect(error.description.contains("expected"))
    }
  }

  @Test func refusesRepeatedIdentifiers() throws {
    let one = #"{"id": 1, "image_id": 3, "category_id": 5, "bbox": [0, 0, 1, 1], "area": 1}"#
    try withFiles(truth: truth(annotation: "\(one), \(one)")) { path, _ in
      let error = try #require(throws: JSONError.self) { try COCODataset(contentsOf: path) }
      #expect(error.key == "annotations[1].id")
    }
  }

  static let badResults: [(text: String, key: String)] = [
    (#"[{"image_id": 2, "category_id": 5, "bbox": [0, 0, 1, 1], "score": 1}]"#, "[0].image_id"),
    (#"[{"image_id": 3, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1}]"#, "[0].category_id"),
    (#"[{"image_id": 3, "category_id": 5, "bbox": [0, 0, 1, 1]}]"#, "[0].score"),
    (#"[{"image_id": 3, "category_id": 5, "bbox": [0, 0], "score": 1}]"#, "[0].bbox"),
    (#"[{"image_id": 3, "category_id": 5, "bbox": [0, 0, 1, 1], "score": "1"}]"#, "[0].score"),
    (#"{"images": []}"#, ""),
    (#"[{"image_id": 3, "categ"#, ""),
    ("", ""),
  ]

  @Test(arguments: badResults.indices)
  func refusesResultsByKey(index: Int) throws {
    let bad = Self.badResults[index]
    try withFiles(truth: truth(), results: bad.text) { truth, results in
      let dataset = try COCODataset(contentsOf: truth)
      let error = try #require(throws: JSONError.self) {
        try dataset.detections(contentsOf: results)
      }
      #expect((error.key ?? "") == bad.key, "\(error)")
      #expect(error.file == results)
    }
  }

  @Test func imagesByFileNameAndStem() throws {
    let text = """
      {"images": [{"id": 3, "file_name": "a\\\\x.jpg"}, {"id": 4, "file_name": "b/y.png"},
        {"id": 5, "file_name": "c/y.png"}], "categories": [{"id": 1}], "annotations": []}
      """
    func result(_ image: String) -> String {
      #"[{"image_id": "\#(image)", "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1}]"#
    }
    for (image, place) in [("a/x.jpg", 0), ("x.jpg", 0), ("x", 0), ("b/y.png", 1), ("c/y.png", 2)] {
      try withFiles(truth: text, results: result(image)) { truth, results in
        let found = try COCODataset(contentsOf: truth).detections(contentsOf: results).byImage
        #expect(found.map(\.count) == (0..<3).map { $0 == place ? 1 : 0 }, "\(image)")
      }
    }
    for image in ["y", "y.png", "z", "3"] {
      try withFiles(truth: text, results: result(image)) { truth, results in
        let error = try #require(throws: JSONError.self) {
          try COCODataset(contentsOf: truth).detections(contentsOf: results)
        }
        #expect(error.key == "[0].image_id" && error.received == "'\(image)'")
      }
    }
  }

  @Test func notANumberIsRefusedWithItsLine() throws {
    try withFiles(
      truth: truth(),
      results: "[{\"image_id\": 3, \"category_id\": 5,\n\"bbox\": [0, NaN, 1, 1], \"score\": 1}]"
    ) { truth, results in
      let error = try #require(throws: JSONError.self) {
        try COCODataset(contentsOf: truth).detections(contentsOf: results)
      }
      #expect(error.line == 2 && error.column == 13)
      #expect(error.key == "[0].bbox[1]" && error.received == "NaN")
    }
  }

  @Test func skipsTheUnknownWhenAsked() throws {
    let two = """
      {"id": 1, "image_id": 4, "category_id": 5, "bbox": [0, 0, 1, 1], "area": 1},
      {"id": 2, "image_id": 3, "category_id": 6, "bbox": [0, 0, 1, 1], "area": 1}
      """
    try withFiles(
      truth: truth(annotation: two),
      results: #"[{"image_id": 3, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1}]"#
    ) { truth, results in
      let dataset = try COCODataset(contentsOf: truth, unknown: .skip)
      #expect(dataset.skipped == 2)
      let detections = try dataset.detections(contentsOf: results, unknown: .skip)
      #expect(detections.skipped == 1 && detections.byImage == [[], []])
    }
  }

  @Test func swappedAndMissingFiles() throws {
    try withFiles(truth: truth()) { truth, results in
      let swapped = try #require(throws: JSONError.self) {
        try COCODataset(contentsOf: results)
      }
      #expect(swapped.expected.contains("'annotations'"))
      #expect(throws: FileError.self) { try COCODataset(contentsOf: truth + ".not") }
    }
  }

  @Test func encodesTheContractsKeys() throws {
    let metrics = DetectionMetrics(
      AP: 0, AP50: 1, AP75: 2, APs: 3, APm: 4, APl: 5, AR1: 6, AR10: 7, AR100: 8, ARs: 9, ARm: 10,
      ARl: -1)
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(metrics))
    let numbers = try #require(object as? [String: Double])
    #expect(numbers.count == 12)
    for (key, value) in metrics.scalars { #expect(numbers[key] == value) }
  }
}
