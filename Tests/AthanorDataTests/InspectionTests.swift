import AthanorCore
import AthanorData
import AthanorVision
import Testing

/// Samples that are made, some of them damaged.
private struct MadeSource: DataSource {
  struct Made: Dataset {
    var classes: DataClasses
    var samples: [Sample?]
    let warnings = WarningLog()

    var count: Int { samples.count }
    func name(at index: Int) -> String { samples[index]?.name ?? "broken\(index)" }
    func sample(at index: Int) throws -> Sample {
      guard let sample = samples[index] else {
        throw ContentError(
          path: "broken\(index).png", expected: "64×48", received: "48×64")
      }
      return sample
    }
  }

  var classes: DataClasses
  var samples: [Split: [Sample?]]

  func splits() -> [Split] { Split.allCases.filter { samples[$0] != nil } }
  func open(_ split: Split) -> any Dataset { Made(classes: classes, samples: samples[split]!) }
}

/// An image unlike others of another seed.
private func image(_ seed: Int) -> Image {
  var image = blank(16, 12)
  image.pixels[0] = UInt8(seed)
  return image
}

private func mask(_ values: [UInt8]) -> Image {
  var mask = Image(width: 16, height: 12, channels: 1)
  for index in mask.pixels.indices { mask.pixels[index] = values[index % values.count] }
  return mask
}

private func box(_ label: Int, _ x: Float = 1, _ width: Float = 8) -> BoundingBox {
  BoundingBox(x1: x, y1: 1, x2: x + width, y2: 9, label: label)
}

private func kinds(_ report: DataReport) -> [String] { report.warnings.map(\.kind) }

private func said(_ report: DataReport) -> [String] { report.warnings.map(\.description) }

@Suite struct InspectionTests {
  private let classes = DataClasses(masks: ["background", "cat"], boxes: ["cat"])

  @Test func goesOnAfterDamagedSamples() throws {
    let good = Sample(name: "good", image: image(1), mask: mask([0, 1]), boxes: [box(0)])
    let source = MadeSource(classes: classes, samples: [.train: [nil, good, nil], .val: [nil]])
    let report = try inspect(source)
    #expect(report.damaged.map(\.name) == ["broken0", "broken2", "broken0"])
    #expect(report.damaged.map(\.split) == ["train", "train", "val"])
    #expect(report.damaged[0].problem.contains("64×48"))
    #expect(report.damaged[0].problem.contains("48×64"))
    #expect(report.splits.map(\.samples) == [1, 0] && report.splits.map(\.damaged) == [2, 1])
    #expect(report.splits[0].boxes[0].count == 1 && report.splits[0].pixels[1].share == 0.5)
  }

  @Test func strictStopsAtTheFirst() {
    let good = Sample(name: "good", image: image(1), boxes: [])
    let source = MadeSource(classes: classes, samples: [.train: [good, nil, nil]])
    #expect(message { _ = try inspect(source, strict: true) }.hasPrefix("broken1.png: "))
  }

  @Test func nothingReadableIsAnError() {
    let source = MadeSource(
      classes: classes, samples: [.train: [Sample?](repeating: nil, count: 23)])
    let said = message { _ = try inspect(source) }
    #expect(said.contains("23 that cannot") && said.contains("broken0.png"))
    #expect(said.contains("broken19.png") && !said.contains("broken20.png"))
    #expect(said.contains("… and 3 more"))
    let empty = MadeSource(classes: classes, samples: [.train: []])
    #expect(message { _ = try inspect(empty) }.contains("received none"))
  }

  @Test func everySplitOfFilesIsHeldAgainstTheOthers() throws {
    let folder = TemporaryFolder()
    for (name, seed) in [
      ("train/images/a.png", 1), ("train/images/b.png", 2), ("train/images/c.png", 2),
      ("val/images/d.png", 1), ("val/images/e.png", 3),
    ] {
      try folder.write(image(seed), to: name)
      try folder.write(mask([0, 1]), to: name.replacing("images", with: "masks"))
    }
    let classes = Settings.list([.string("background"), .string("cat")])
    let report = try inspect(
      source("folder", [("path", .string(folder.path)), ("classes", classes)]))
    #expect(report.duplicates.map { $0.samples.map(\.name) } == [["a", "d"], ["b", "c"]])
    #expect(report.duplicates[0].splits == ["train", "val"])
    #expect(
      said(report)[0] == "1 × the same image in train and val (a.png = d.png)")
    #expect(report.warnings[1].kind == "the same image more than once in train")
  }

  @Test func classesOfOneKindOfLabelAlone() throws {
    let classes = DataClasses(
      masks: ["background", "cat", "dog", "cow"], boxes: ["cat", "dog", "cow"])
    let sample = Sample(name: "a", image: image(1), mask: mask([0, 2]), boxes: [box(0)])
    let report = try inspect(MadeSource(classes: classes, samples: [.train: [sample]]))
    #expect(
      said(report) == [
        "1 × class with boxes and no pixel (cat)",
        "1 × class with pixels and no box (dog)",
        "1 × class that occurs nowhere (cow)",
      ])
    // Without any mask there is nothing to hold boxes against.
    let boxed = Sample(name: "a", image: image(1), boxes: [box(0), box(1), box(2)])
    #expect(try inspect(MadeSource(classes: classes, samples: [.train: [boxed]])).warnings.isEmpty)
  }

  @Test func classesOfOneSplitAlone() throws {
    let classes = DataClasses(masks: [], boxes: ["cat", "dog", "cow", "hen"])
    let samples = [[0, 1, 3], [0, 2, 3], [0, 2]].enumerated().map { index, labels in
      [Sample(name: "\(index)", image: image(index), boxes: labels.map { box($0) })]
    }
    let report = try inspect(
      MadeSource(
        classes: classes, samples: [.train: samples[0], .val: samples[1], .test: samples[2]]))
    #expect(
      said(report) == [
        "1 × class that train alone has (dog)",
        "1 × class that train does not have (cow)",
      ])
  }

  @Test func masksThatSayNothing() throws {
    func warnings(_ masks: [[UInt8]]) throws -> [String] {
      let samples = masks.enumerated().map {
        Sample(name: "\($0)", image: image($0), mask: mask($1))
      }
      return kinds(try inspect(MadeSource(classes: classes, samples: [.train: samples])))
    }
    #expect(
      try warnings([[1], [1, 255]])
        == ["mask that shows nothing but 'cat', as all others: mIoU will be 1"])
    #expect(
      try warnings([[0, 1], [0], [255]]) == [
        "mask of background alone", "mask that is ignored everywhere",
      ])
    #expect(try warnings([[255]]).last == "mask that is ignored everywhere, as all others are")
    #expect(try warnings([[0, 1]]).isEmpty)
  }

  @Test func samplesWorthALook() throws {
    let samples = [
      Sample(name: "plain", image: image(1), mask: mask([0, 1]), boxes: [box(0)]),
      Sample(name: "tiny", image: image(2), boxes: [box(0, 1, 2)]),
      Sample(name: "tinier", image: image(3), boxes: [box(0, 1, 1)]),
      Sample(
        name: "whole", image: image(4),
        boxes: [BoundingBox(x1: 0, y1: 0, x2: 16, y2: 12, label: 0)]),
      Sample(name: "twice", image: image(5), boxes: [box(0), box(0)]),
      Sample(name: "against", image: image(6), mask: mask([0]), boxes: [box(0)]),
      Sample(name: "none", image: image(7)),
      Sample(name: "strip", image: blank(40, 10), boxes: []),
    ]
    let report = try inspect(MadeSource(classes: classes, samples: [.train: samples]))
    let found = report.suspicious.map { "\($0.kind) \($0.samples.map(\.name))" }
    #expect(
      found == [
        "boxesOnBackground [\"against\"]", "tinyBox [\"tinier\", \"tiny\"]", "hugeBox [\"whole\"]",
        "repeatedBox [\"twice\"]", "narrowImage [\"strip\"]", "unlabelled [\"none\"]",
      ])
  }

  @Test func depthAndNormalsAreCounted() throws {
    let depth = DenseMap(
      width: 16, height: 12, channels: 1, values: .init(repeating: 2, count: 192))
    let normals = DenseMap(
      width: 16, height: 12, channels: 3, values: .init(repeating: 0.5, count: 576))
    let samples = [
      Sample(name: "a", image: image(1), depth: depth, normals: normals),
      Sample(name: "b", image: image(2), depth: depth),
    ]
    let none = DataClasses(masks: [], boxes: [])
    let split = try inspect(MadeSource(classes: none, samples: [.train: samples])).splits[0]
    #expect(split.depths == 2 && split.normals == 1 && split.unlabelled == 0)
  }

  @Test func furtherLabelsAreCounted() throws {
    let classes = DataClasses(labels: [
      "class": LabelClasses(.category, ["sun", "rain", "snow"]),
      "lane": LabelClasses(.mask, ["background", "solid", "dashed"]),
      "signs": LabelClasses(.boxes, ["stop"]), "flow": LabelClasses(.map),
    ])
    func sample(_ name: String, _ category: Int, _ labels: [String: Label] = [:]) -> Sample {
      var all = labels
      all["class"] = .category(CategoryLabel(category))
      return Sample(name: name, image: image(Int(name)!), labels: all)
    }
    let flow = DenseMap(width: 16, height: 12, channels: 1, values: .init(repeating: 0, count: 192))
    let train = [
      sample("1", 0, ["lane": .mask(mask([0, 1, 1, 255])), "flow": .map(flow)]),
      sample("2", 0, ["signs": .boxes(BoxLabel([box(0), box(0, 2)]))]), sample("3", 1),
    ]
    let report = try inspect(
      MadeSource(classes: classes, samples: [.train: train, .val: [sample("4", 0)]]))
    let labels = report.splits[0].labels
    #expect(labels.map(\.label) == ["class", "flow", "lane", "signs"])
    #expect(labels.map(\.kind) == [.category, .map, .mask, .boxes])
    #expect(labels.map(\.samples) == [3, 1, 1, 1])
    #expect(labels[0].classes.map(\.count) == [2, 1, 0] && labels[1].classes.isEmpty)
    #expect(labels[2].classes.map(\.count) == [48, 96, 0])
    #expect(labels[2].classes.map(\.images) == [1, 1, 0])
    #expect(labels[3].classes.map(\.count) == [2] && labels[3].classes[0].images == 1)
    #expect(report.splits.map(\.unlabelled) == [0, 0] && report.suspicious.isEmpty)
    #expect(
      said(report) == [
        "2 × class that occurs nowhere (snow of 'class', dashed of 'lane')",
        "1 × class that train alone has (rain of 'class')",
      ])
    let json = try JSON(encoding: report)["splits"]?.array?.first?["labels"]?.array
    #expect(json?.first?["label"]?.string == "class" && json?.first?["kind"]?.string == "class")
  }

  /// Others script against these keys.
  @Test func theFormOfItsJSON() throws {
    let sample = Sample(name: "a", image: image(1), mask: mask([0, 1]), boxes: [box(0)])
    let report = try inspect(MadeSource(classes: classes, samples: [.train: [sample, nil]]))
    let json = try JSON(encoding: report)
    for key in [
      "segmentationClasses", "detectionClasses", "splits", "warnings", "damaged", "duplicates",
    ] { #expect(json[key] != nil, "\(key)") }
    let split = try #require(json["splits"]?.array?.first)
    for key in [
      "split", "samples", "masks", "boxed", "depths", "normals", "unlabelled", "pixels",
      "ignoredPixels", "boxes", "boxSizes", "imageSizes",
    ] { #expect(split[key] != nil, "\(key)") }
    let damaged = try #require(json["damaged"]?.array?.first)
    #expect(damaged["split"]?.string == "train" && damaged["name"]?.string == "broken1")
    #expect(damaged["problem"]?.string?.contains("broken1.png") == true)
  }
}
