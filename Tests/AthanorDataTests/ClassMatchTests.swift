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
    let values = classes.masks.indices.map { UInt8($0) } + [255]
    let mask = Image(width: values.count, height: 1, channels: 1, pixels: values)
    let labels = classes.boxes.indices
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
        masks: ["_background_", "b", "a"], boxes: ["b", "a"],
        categoryIDs: [.number(3), .text("x")]))
    let wanted = DataClasses(
      masks: ["background", "a", "b", "c"], boxes: ["a", "c", "b"])
    let dataset = try MatchedSource(data, classes: wanted).open(.val)
    let sample = try dataset.sample(at: 0)
    #expect(sample.mask?.pixels == [0, 2, 1, 255])
    #expect(sample.boxes?.map(\.label) == [2, 0])
    #expect(sample.annotations?.map(\.label) == [2, 0])
    #expect(dataset.classes.masks == wanted.masks)
    #expect(dataset.classes.categoryIDs == [.text("x"), .number(1), .number(3)])
    #expect(dataset.id(at: 0) == .number(7))
  }

  @Test func whatTheOtherListLacksIsIgnored() throws {
    let data = Classes(
      classes: DataClasses(masks: ["background", "a", "b"], boxes: ["a", "b"]))
    let wanted = DataClasses(masks: ["background", "b"], boxes: ["b"])
    let sample = try MatchedSource(data, classes: wanted).open(.val).sample(at: 0)
    #expect(sample.mask?.pixels == [0, 255, 1, 255])
    #expect(sample.boxes?.map(\.label) == [0] && sample.annotations?.map(\.label) == [0])
  }

  @Test func differencesAreNamed() {
    let same = ClassMatch(of: "masks", expected: ["bg", "a"], received: ["background", " a"])
    #expect(same.isWhole && !same.isReordered)
    let swapped = ClassMatch(of: "boxes", expected: ["a", "b"], received: ["b", "a"])
    #expect(swapped.isWhole && swapped.isReordered && swapped.receivedIndices == [1, 0])
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
