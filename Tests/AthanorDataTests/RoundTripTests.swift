import AthanorCore
import AthanorData
import AthanorVision
import Foundation
import Testing

/// What is written is read back: every label equal, every image byte for byte, or the writer
/// refuses.
@Suite struct RoundTripTests {
  private func read(_ folder: String, _ form: String) throws -> any DataSource {
    if form == "coco" { return try source("coco", [("path", .string(folder))]) }
    return try datasets.make(recogniseLayout(of: folder), at: "data")
  }

  private func expectSame(_ a: any DataSource, _ b: any DataSource, _ form: String) throws {
    #expect(try a.splits() == b.splits(), "\(form)")
    for split in try a.splits() {
      let (wanted, found) = (try a.open(split), try b.open(split))
      #expect(found.boxClasses == wanted.boxClasses, "\(form)")
      #expect(found.maskClasses == wanted.maskClasses, "\(form)")
      #expect(found.names.sorted() == wanted.names.sorted(), "\(form)")
      for (index, name) in wanted.names.enumerated() {
        guard let place = found.names.firstIndex(of: name) else { continue }
        let (was, now) = (try wanted.sample(at: index), try found.sample(at: place))
        #expect(now.image == was.image, "\(form): \(name)")
        #expect(now.mask == was.mask, "\(form): \(name)")
        #expect(now.boxes == was.boxes, "\(form): \(name)")
        if let (old, new) = wanted.file(at: index).flatMap({ old in
          found.file(at: place).map { (old, $0) }
        }) {
          #expect(FileName.last(of: new).hasSuffix(FileName.last(of: old)), "\(form): \(name)")
          #expect(try AtomicFile.read(old) == AtomicFile.read(new), "\(form): \(name)")
        } else {
          Issue.record("\(form): \(name) has no file")
        }
      }
      let others = found.warnings.all.filter { !$0.kind.contains("without") }
      #expect(others.isEmpty, "\(form)")
    }
  }

  @Test(arguments: ["voc", "folder"])
  func everyLabel(form: String) throws {
    let folder = TemporaryFolder()
    let scenes = try Scenes.mixed(in: folder)
    for _ in 0..<2 {
      let summary = try convertDataset(scenes, to: "\(folder.path)/out", options(form))
      #expect(summary.samples == ["train": 9, "val": 3])
      try expectSame(scenes, read("\(folder.path)/out", form), form)
    }
  }

  @Test(arguments: datasetWriters.map { $0.name })
  func drawnObjects(form: String) throws {
    let folder = TemporaryFolder()
    let scenes = try Scenes.drawn(in: folder)
    _ = try convertDataset(scenes, to: "\(folder.path)/out", options(form))
    try expectSame(scenes, read("\(folder.path)/out", form), form)
  }

  @Test(arguments: ["voc", "coco", "yolo", "folder"])
  func boxesAlone(form: String) throws {
    let folder = TemporaryFolder()
    let scenes = try Scenes.boxes(in: folder)
    _ = try convertDataset(scenes, to: "\(folder.path)/out", options(form))
    try expectSame(scenes, read("\(folder.path)/out", form), form)
  }

  @Test func polygonsOfCOCOAreTheSameNumbers() throws {
    let folder = TemporaryFolder()
    _ = try convertDataset(Scenes.drawn(in: folder), to: "\(folder.path)/out", options("coco"))
    let json = try JSON(contentsOf: "\(folder.path)/out/annotations/instances_train.json")
    let first = try #require(json["annotations"]?.array?.first)
    #expect(first["bbox"] == [.number(2.1), .integer(3), .number(9.9 - 2.1), .number(20.5 - 3)])
    #expect(
      first["segmentation"] == [[.number(2.1), 3, .number(9.9), 3, 6, .number(20.5)]])
    #expect(json["categories"]?.array?.compactMap { $0["id"]?.integer } == [3, 7])
    #expect(json["images"]?.array?.compactMap { $0["id"]?.integer } == [1, 2, 3, 4])
  }

  @Test(arguments: ["coco", "yolo", "labelme"])
  func whatCannotBeHeldIsRefused(form: String) throws {
    let folder = TemporaryFolder()
    let out = "\(folder.path)/out"
    let classes = message {
      _ = try convertDataset(Scenes.mixed(in: folder), to: out, options(form))
    }
    #expect(
      classes.contains("\(form): expected masks whose classes are the background"), "\(classes)")
    #expect(classes.contains("voc and folder keep both"))
    #expect(!DataTree.isFolder(out))
    // Boxes beside a mask that they do not explain, pixels to ignore, images without labels.
    var scenes = try Scenes.drawn(in: folder)
    scenes.scenes[0].mask!.pixels[0] = 1
    let stray = message { _ = try convertDataset(scenes, to: out, options(form)) }
    #expect(stray.contains("straße ü: expected labels that \(form) holds"), "\(stray)")
    #expect(stray.contains("voc and folder keep it"))
    scenes = try Scenes.drawn(in: folder)
    (scenes.scenes[2].mask, scenes.scenes[2].boxes) = (nil, nil)
    #expect(
      message { _ = try convertDataset(scenes, to: out, options(form)) }
        .contains("an image without labels, which would be read as one without objects"))
    scenes = try Scenes.drawn(in: folder)
    scenes.scenes[0].mask!.pixels[0] = 255
    let ignored = message { _ = try convertDataset(scenes, to: out, options(form)) }
    if form == "labelme" {
      try expectSame(scenes, read(out, form), form)
    } else {
      #expect(ignored.contains("pixels to ignore (255)"), "\(ignored)")
      _ = try convertDataset(
        scenes, to: out, WriteOptions(writer(form), labels: [.boxes]))
      let train = try read(out, form).open(.train)
      let place = try #require(train.names.firstIndex(of: scenes.scenes[0].name))
      #expect(try train.sample(at: place).boxes == scenes.scenes[0].boxes)
    }
  }

  @Test func depthIsNotLostInSilence() throws {
    let folder = TemporaryFolder()
    var scenes = try Scenes.boxes(in: folder)
    let image = try scenes.open(.train).sample(at: 0).image
    scenes.scenes[0].depth = DenseMap(
      width: image.width, height: image.height, channels: 1,
      values: [Float](repeating: 1, count: image.width * image.height))
    let out = "\(folder.path)/out"
    #expect(message { _ = try convertDataset(scenes, to: out) }.contains("depth as well"))
    #expect(!DataTree.isFolder(out))
    // Nor by what changes samples before they are written.
    var half = BuildOptions()
    (half.width, half.height) = (image.width / 2, image.height / 2)
    #expect(message { _ = try buildDataset(scenes, to: out, half) }.contains("depth as well"))
    _ = try buildDataset(scenes, to: out, half, WriteOptions(labels: [.masks, .boxes]))
    let changed = "\(folder.path)/changed"
    #expect(
      message { _ = try convertDataset(scenes, to: changed, change: { $0 }) }
        .contains("depth as well"))
    var crowd = try Scenes.boxes(in: folder)
    crowd.scenes[0].depth = nil
    crowd.scenes[0].annotations = [
      ObjectAnnotation(x: 0, y: 0, width: 9, height: 9, label: 0, isCrowd: true)
    ]
    let summary = try convertDataset(
      crowd, to: changed, WriteOptions(COCOWriter.self), change: { $0 })
    #expect(summary.warnings.contains { $0.kind.hasPrefix("crowd region left out") })
  }

  @Test func whatIsNotOursStays() throws {
    let folder = TemporaryFolder()
    let scenes = try Scenes.boxes(in: folder)
    let out = "\(folder.path)/out"
    _ = try convertDataset(scenes, to: out)
    _ = try convertDataset(scenes, to: out, options("yolo"))
    #expect(!DataTree.isFolder("\(out)/JPEGImages") && DataTree.isFile("\(out)/data.yaml"))
    try folder.write("my remarks", to: "out/notes.txt")
    let said = message { _ = try convertDataset(scenes, to: out) }
    #expect(said.contains("expected a new or empty folder") && said.contains("notes.txt"))
    #expect(DataTree.isFile("\(out)/data.yaml"))
    // Nor is a failed attempt seen.
    var bad = scenes
    bad.scenes[1].name = "../up"
    #expect(message { _ = try convertDataset(bad, to: "\(folder.path)/b") }.contains("'../up'"))
    #expect(!DataTree.isFolder("\(folder.path)/b"))
  }

  @Test func masksOfVOCAreIndices() throws {
    let folder = TemporaryFolder()
    let scenes = try Scenes.mixed(in: folder)
    _ = try convertDataset(scenes, to: "\(folder.path)/out")
    let mask = try LabelImage(contentsOf: "\(folder.path)/out/SegmentationClass/a.png")
    guard case .palette(let indices, let colors) = mask else {
      Issue.record("no palette")
      return
    }
    #expect(indices == scenes.scenes[0].mask)
    #expect(Array(colors[765...]) == [224, 224, 192])
    let table = try TextFile.lines(of: "\(folder.path)/out/labelmap.txt")
    #expect(table == ["background:0,0,0", "road:128,0,0", "car:0,128,0"])
    #expect(try TextFile.lines(of: "\(folder.path)/out/classes.txt") == ["car", "tram & co"])
    let xml = try TextFile.read("\(folder.path)/out/Annotations/a.xml")
    #expect(xml.contains("<xmin>11</xmin>") && xml.contains("<xmax>11</xmax>"))
    #expect(xml.contains("<ymax>30</ymax>") && xml.contains("<xmax>20.5</xmax>"))
  }

  @Test func preprocessedSetsAreLossless() throws {
    let folder = TemporaryFolder()
    let scenes = try Scenes.mixed(in: folder)
    let flip: @Sendable (Sample) throws -> Sample? = { sample in
      var sample = sample
      sample.image = sample.image.flipped(.horizontal)
      sample.mask = sample.mask?.flipped(.horizontal)
      return sample
    }
    for form in ["voc", "folder"] {
      _ = try convertDataset(scenes, to: "\(folder.path)/\(form)", options(form), change: flip)
      let out = try read("\(folder.path)/\(form)", form)
      for split in scenes.splits() {
        let (was, now) = (scenes.open(split), try out.open(split))
        for (index, name) in was.names.enumerated() {
          let place = try #require(now.names.firstIndex(of: name))
          #expect(now.file(at: place)!.hasSuffix(".png"))
          let (a, b) = (try was.sample(at: index), try now.sample(at: place))
          #expect(b.image == a.image.flipped(.horizontal))
          #expect(b.mask == a.mask?.flipped(.horizontal))
        }
      }
    }
  }

  private func writer(_ form: String) -> any DatasetWriter.Type {
    datasetWriters.first { $0.name == form }!
  }

  private func options(_ form: String) -> WriteOptions { WriteOptions(writer(form)) }
}

/// A labelled data set made by the tests, its images in files.
struct Scenes: DataSource {
  struct Scene: Sendable {
    var name: String
    var split: Split
    var file: String
    var mask: Image?
    var boxes: [BoundingBox]?
    var annotations: [ObjectAnnotation]?
    var depth: DenseMap?
  }

  private struct Part: Dataset {
    var classes: DataClasses
    var scenes: [Scene]
    let warnings = WarningLog()
    var count: Int { scenes.count }
    func name(at index: Int) -> String { scenes[index].name }
    func file(at index: Int) -> String? { scenes[index].file }
    func sample(at index: Int) throws -> Sample {
      let scene = scenes[index]
      return Sample(
        name: scene.name, image: try Image(contentsOf: scene.file, as: .color), mask: scene.mask,
        boxes: scene.boxes, annotations: scene.annotations, depth: scene.depth)
    }
  }

  var classes: DataClasses
  var scenes: [Scene]

  func splits() -> [Split] { Split.allCases.filter { s in scenes.contains { $0.split == s } } }
  func open(_ split: Split) -> any Dataset {
    Part(classes: classes, scenes: scenes.filter { $0.split == split })
  }

  private static func scene(
    _ name: String, _ split: Split, _ kind: String, in folder: TemporaryFolder
  ) throws -> Scene {
    let image = Image(
      width: 40, height: 30, channels: 3,
      pixels: (0..<3600).map { UInt8(truncatingIfNeeded: $0 &* (name.utf8.count + 3)) })
    let file = "source/\(name).\(kind)"
    try folder.write(image, to: file)
    return Scene(name: name, split: split, file: "\(folder.path)/\(file)")
  }

  private static let thin = [
    BoundingBox(x1: 10, y1: 10, x2: 11, y2: 30, label: 0),
    BoundingBox(x1: 20, y1: 5, x2: 20.5, y2: 25, label: 0),
    BoundingBox(x1: 3, y1: 4, x2: 4, y2: 5, label: 1),
    BoundingBox(x1: 0, y1: 0, x2: 40, y2: 30, label: 1),
    BoundingBox(x1: 0.1, y1: 1 / 3, x2: 39.7, y2: 29.9, label: 0),
    BoundingBox(x1: 0.5, y1: 0.5, x2: 1.5, y2: 1.5, label: 0),
  ]

  /// Everything that a data set can have: classes that differ between masks and boxes, pixels to
  /// ignore, images with either label or none, odd and equal names.
  static func mixed(in folder: TemporaryFolder) throws -> Scenes {
    var mask = Image(width: 40, height: 30, channels: 1)
    for i in 0..<400 { mask.pixels[i] = UInt8(i / 150) }
    for i in 1100..<1200 { mask.pixels[i] = 255 }
    var scenes: [Scene] = []
    let names: [(String, Split, String)] = [
      ("a", .train, "png"), ("b c", .train, "JPG"), ("straße ü", .train, "jpeg"),
      ("cam1/t1", .train, "png"), ("cam2/t1", .train, "jpg"), ("x.v1", .train, "png"),
      ("#1", .train, "png"), ("train/same", .train, "png"), ("e.jpg", .train, "jpg"),
      ("e.png", .val, "png"), ("val/same", .val, "png"), ("t1", .val, "png"),
    ]
    for (name, split, kind) in names {
      scenes.append(try scene(name, split, kind, in: folder))
    }
    for i in [0, 1, 3, 6, 7, 9] { scenes[i].mask = mask }
    for i in [0, 2, 3, 7, 10] { scenes[i].boxes = thin }
    for i in [1, 5] { scenes[i].boxes = [] }
    return Scenes(
      classes: DataClasses(
        masks: ["background", "road", "car"], boxes: ["car", "tram & co"]),
      scenes: scenes)
  }

  /// One polygon an object, and an empty image.
  static func drawn(in folder: TemporaryFolder) throws -> Scenes {
    let polygons: [[[(Double, Double)]]] = [
      [
        [(2.1, 3), (9.9, 3), (6, 20.5)], [(20, 10), (21, 10), (21, 30), (20, 30)],
        [(30.25, 4), (38, 4), (38, 12.125), (30.25, 12.125)],
      ], [], [[(0, 0), (40, 0), (40, 30)]], [], [[(1, 1), (5, 1), (5, 5), (1, 5)]],
    ]
    let names: [(String, Split)] = [
      ("straße ü", .train), ("b c", .train), ("cam1/t1", .train), ("cam2/t1", .train), ("v", .val),
    ]
    var scenes: [Scene] = []
    for ((name, split), objects) in zip(names, polygons) {
      var scene = try scene(name, split, "png", in: folder)
      var mask = Image(width: 40, height: 30, channels: 1)
      (scene.boxes, scene.annotations) = ([], [])
      for (index, object) in objects.enumerated() {
        let outline = Outline.polygon(object.map { Point(x: $0.0, y: $0.1) })
        let e = outline.extent!
        mask.fill(outline, with: UInt8(index % 2 + 1))
        scene.boxes!.append(
          BoundingBox(
            x1: Float(e.0), y1: Float(e.1), x2: Float(e.2), y2: Float(e.3), label: index % 2))
        scene.annotations!.append(
          ObjectAnnotation(
            x: e.0, y: e.1, width: e.2 - e.0, height: e.3 - e.1, label: index % 2,
            outlines: [outline]))
      }
      scene.mask = mask
      scenes.append(scene)
    }
    return Scenes(
      classes: DataClasses(
        masks: ["background", "tram \"new\"", "car"],
        boxes: ["tram \"new\"", "car"], categoryIDs: [.number(3), .number(7)]), scenes: scenes)
  }

  /// Boxes alone, thin ones among them, and an empty image.
  static func boxes(in folder: TemporaryFolder) throws -> Scenes {
    var scenes: [Scene] = []
    for (index, name) in ["a", "cam1/t1", "straße ü"].enumerated() {
      var scene = try scene(name, .train, index == 1 ? "jpg" : "png", in: folder)
      scene.boxes = index == 1 ? [] : Array(thin.dropFirst(index))
      scenes.append(scene)
    }
    return Scenes(
      classes: DataClasses(masks: [], boxes: ["pole", "Zug"]), scenes: scenes)
  }
}
