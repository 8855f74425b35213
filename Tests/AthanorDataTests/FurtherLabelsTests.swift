import AthanorCore
import AthanorData
import AthanorVision
import Testing

/// Samples of made labels.
private struct Labelled: DataSource, Dataset {
  var classes: DataClasses
  var samples: [Sample]
  let warnings = WarningLog()

  var count: Int { samples.count }
  func name(at index: Int) -> String { samples[index].name }
  func sample(at index: Int) throws -> Sample { samples[index] }
  func splits() -> [Split] { [.train] }
  func open(_ split: Split) -> any Dataset { self }
}

/// Data sets of several labels, joined and matched by name.
@Suite struct FurtherLabelsTests {
  private static func mask(_ pixels: [UInt8]) -> Label {
    .mask(Image(width: pixels.count, height: 1, channels: 1, pixels: pixels))
  }

  private static func box(_ label: Int) -> BoundingBox {
    BoundingBox(x1: 0, y1: 0, x2: 1, y2: 1, label: label)
  }

  /// Lanes and signs in one, lanes in another order and the weather in the other.
  private static let road = Labelled(
    classes: DataClasses(labels: [
      "lane": LabelClasses(.mask, ["background", "solid", "dashed"]),
      "signs": LabelClasses(.boxes, ["stop", "yield"]),
      "weather": LabelClasses(.category, ["sun", "rain"]),
      "depth": LabelClasses(.depth),
    ]),
    samples: [
      Sample(
        name: "road", image: blank(4, 1),
        labels: [
          "lane": mask([0, 1, 2, 255]), "signs": .boxes(BoxLabel([box(0), box(1)])),
          "weather": .category(CategoryLabel(1)),
          "depth": .depth(DenseMap(width: 4, height: 1, channels: 1, values: [1, 2, 3, 4])),
        ])
    ])

  private static let town = Labelled(
    classes: DataClasses(labels: [
      "lane": LabelClasses(.mask, ["dashed", "background", "kerb"]),
      "weather": LabelClasses(.category, ["snow", "rain", "sun"]),
      "flow": LabelClasses(.map),
    ]),
    samples: [
      Sample(
        name: "town", image: blank(4, 1),
        labels: [
          "lane": mask([0, 1, 2, 255]), "weather": .category(CategoryLabel(0)),
          "flow": .map(DenseMap(width: 4, height: 1, channels: 1, values: [1, 2, 3, 4])),
        ]),
      Sample(name: "plain", image: blank(4, 1), labels: ["weather": .category(CategoryLabel(2))]),
    ])

  @Test func joinedByName() throws {
    let mix = try MixSource([Self.road, Self.town]).open(.train)
    let labels = mix.classes.labels
    #expect(labels.keys.sorted() == ["depth", "flow", "lane", "signs", "weather"])
    #expect(labels["lane"]?.names == ["background", "solid", "dashed", "kerb"])
    #expect(labels["weather"]?.names == ["sun", "rain", "snow"])
    #expect(labels["signs"]?.names == ["stop", "yield"] && labels["flow"]?.kind == .map)
    let road = try mix.sample(at: 0)
    #expect(road.labels == Self.road.samples[0].labels)
    let town = try mix.sample(at: 1)
    #expect(town.labels["lane"] == Self.mask([2, 0, 3, 255]))
    #expect(town.labels["weather"]?.category?.index == 2)
    #expect(town.labels["flow"] == Self.town.samples[0].labels["flow"])
    // What a member does not have stays missing.
    #expect(town.labels["signs"] == nil && town.labels["depth"] == nil)
    let plain = try mix.sample(at: 2)
    #expect(
      plain.labels.keys.sorted() == ["weather"] && plain.labels["weather"]?.category?.index == 0)
  }

  @Test func oneNameForTwoKindsIsRefused() {
    var other = Self.town
    other.classes.labels["lane"] = LabelClasses(.boxes, ["dashed"])
    #expect(
      message { _ = try MixSource([Self.road, other]).open(.train) }
        .contains("expected labels 'lane' of one kind, received mask and boxes"))
  }

  @Test func matchedByName() throws {
    let matched = try MatchedSource(Self.town, classes: Self.road.classes).open(.train)
    #expect(matched.classes.labels.keys.sorted() == Self.road.classes.labels.keys.sorted())
    #expect(matched.classes.labels["lane"]?.names == ["background", "solid", "dashed"])
    let town = try matched.sample(at: 0)
    // The kerb, the snow and the flow are not known there.
    #expect(town.labels["lane"] == Self.mask([2, 0, 255, 255]))
    #expect(town.labels.keys.sorted() == ["lane"])
    #expect(try matched.sample(at: 1).labels["weather"]?.category?.index == 0)
    let road = try MatchedSource(Self.road, classes: Self.town.classes).open(.train).sample(at: 0)
    #expect(road.labels["lane"] == Self.mask([1, 255, 0, 255]))
    #expect(road.labels["weather"]?.category?.index == 1)
    #expect(road.labels.keys.sorted() == ["lane", "weather"])
  }
}
