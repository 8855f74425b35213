import AthanorCore
import AthanorData
import AthanorVision
import Testing

/// One sample of every class.
private struct Classes: DataSource, Dataset {
  let classes: DataClasses
  let warnings = WarningLog()
  let count = 1

  func open(_ split: Split) throws -> any Dataset { self }
  func name(at index: Int) -> String { "one" }
  func id(at index: Int) -> COCOIdentifier { .number(7) }

  func sample(at index: Int) throws -> Sample {
    let values = classes.segmentation.indices.map { UInt8($0) } + [255]
    let mask = Image(width: values.count, height: 1, channels: 1, pixels: values)
    let labels = classes.detection.indices
    return Sample(
      name: "one", image: blank(values.count, 1), mask: mask,
      boxes: labels.map { BoundingBox(x1: 0, y1: 0, x2: 1, y2: 1, label: $0) },
      annotations: labels.map { ObjectAnnotation(x: 0, y: 0, width: 1, height: 1, label: $0) })
  }
}

@Suite struct ClassMatchTests {
  @Test func labelsFollowTheirNames() throws {
    let data = Classes(
      classes: DataClasses(
        segmentation: ["_background_", "b", "a"], detection: ["b", "a"],
        categoryIDs: [.number(3), .text("x")]))
    let wanted = DataClasses(
      segmentation: ["background", "a", "b", "c"], detection: ["a", "c", "b"])
    let dataset = try MatchedSource(data, classes: wanted).open(.val)
    let sample = try dataset.sample(at: 0)
    #expect(sample.mask?.pixels == [0, 2, 1, 255])
    #expect(sample.boxes?.map(\.label) == [2, 0])
    #expect(sample.annotations?.map(\.label) == [2, 0])
    #expect(dataset.classes.segmentation == wanted.segmentation)
    #expect(dataset.classes.categoryIDs == [.text("x"), .number(1), .number(3)])
    #expect(dataset.id(at: 0) == .number(7))
  }

  @Test func whatTheOtherListLacksIsIgnored() throws {
    let data = Classes(
      classes: DataClasses(segmentation: ["background", "a", "b"], detection: ["a", "b"]))
    let wanted = DataClasses(segmentation: ["background", "b"], detection: ["b"])
    let sample = try MatchedSource(data, classes: wanted).open(.val).sample(at: 0)
    #expect(sample.mask?.pixels == [0, 255, 1, 255])
    #expect(sample.boxes?.map(\.label) == [0] && sample.annotations?.map(\.label) == [0])
  }

  @Test func differencesAreNamed() {
    let same = ClassMatch(of: "masks", expected: ["bg", "a"], received: ["background", " a"])
    #expect(same.isWhole && !same.isReordered)
    let swapped = ClassMatch(of: "boxes", expected: ["a", "b"], received: ["b", "a"])
    #expect(swapped.isWhole && swapped.isReordered && swapped.places == [1, 0])
    let renamed = ClassMatch(of: "boxes", expected: ["a", "b"], received: ["a", "c", "d"])
    #expect(renamed.unknown == ["c", "d"] && renamed.missing == ["b"] && !renamed.isWhole)
    let error = ClassMatchError(path: "set", checkpoint: "w", match: renamed, answer: "go on")
    for part in ["set", "w was trained on", "[a, b]", "[a, c, d]", "'c', 'd'", "go on"] {
      #expect("\(error)".contains(part), "\(error)")
    }
    // What other data lack is no fault of theirs.
    #expect(!"\(error)".contains("gone"))
    let own = ClassMatchError(path: "set", checkpoint: "w", match: renamed)
    #expect("\(own)".contains("'b' gone from the data"))
  }
}
