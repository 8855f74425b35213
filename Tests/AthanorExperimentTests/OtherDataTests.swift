import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorMetrics
import AthanorReport
import AthanorVision
import Foundation
import TestSupport
import Testing

/// Networks on data: their own after it changed, and other data.
@Suite(.serialized) struct OtherDataTests {
  private let folder: TemporaryFolder
  private let scenes: COCOScenes
  private var run: String { folder.file("run") }

  init() throws {
    folder = try TemporaryFolder()
    scenes = COCOScenes(folder.file("set"))
    try scenes.write()
  }

  @Test func pycocotoolsFilesGiveTheSameNumbers() throws {
    _ = try scenes.train(to: run, epochs: 3)
    var evaluating = Evaluating(run)
    evaluating.out = folder.file("out")
    let outcome = try evaluating.run()
    let json = outcome.json
    let found = try #require(outcome.evaluation.tasks.last?.evaluation).values
    for truth in [folder.file("out/truth.json"), folder.file("set/annotations/instances_val.json")]
    {
      let (dataset, evaluation) = try COCODataset.evaluate(
        truth: truth, results: folder.file("out/detections.json"))
      #expect(evaluation.metrics.scalars.map(\.key) == found.map(\.metric), "\(truth)")
      #expect(evaluation.metrics.scalars.map(\.value) == found.map(\.value), "\(truth)")
      #expect(dataset.images.count == 3 && dataset.categories.map(\.name) == ["disc", "square"])
    }
    let ids = try JSON(contentsOf: folder.file("out/truth.json"))["images"]?.array?
      .compactMap { $0["id"]?.integer }
    #expect(ids == [48, 49, 50])
    #expect(json["detection"]?["perClassAP"]?.object?.map(\.key) == ["disc", "square"])
    #expect(json["detection"]?["perClassAP50"]?["disc"]?.number != nil)
    let history = try Table(contentsOf: "\(run)/history.csv")
    for column in [
      "val/detection/AP/disc", "val/detection/AP50/square", "val/segmentation/IoU/background",
    ] {
      #expect(history.columns.contains(column))
    }
  }

  @Test func classesInAnotherOrderAreMatchedByName() throws {
    _ = try scenes.train(to: run, epochs: 2)
    let before = try Evaluating(run).run().json
    var swapped = scenes
    swapped.ids = ["square": 4, "disc": 9]
    try swapped.write()
    #expect(try Evaluating(run).run().json["segmentation"] == before["segmentation"])
    #expect(
      try Evaluating(run).run().json["detection"]?["perClassAP"]
        == before["detection"]?["perClassAP"])
    _ = try swapped.train(to: run, epochs: 3, resume: true)
  }

  @Test func renamedClassesAreRefused() throws {
    _ = try scenes.train(to: run)
    let summary = try TextFile.read("\(run)/summary.json")
    let file = folder.file("set/annotations/instances_")
    for split in ["train", "val"] {
      let text = try TextFile.read("\(file)\(split).json")
      try AtomicFile.write(
        text.replacing("\"name\":\"disc\"", with: "\"name\":\"disk\""), to: "\(file)\(split).json")
    }
    for said in [
      message { _ = try Evaluating(run).run() },
      message { _ = try scenes.train(to: run, epochs: 2, resume: true) },
    ] {
      for part in ["'disk'", "'disc'", "[background, disk, square]", "[background, disc, square]"] {
        #expect(said.contains(part), "\(said)")
      }
    }
    #expect(try TextFile.read("\(run)/summary.json") == summary)
    var other = Evaluating(run)
    other.data = scenes.path
    #expect(message { _ = try other.run() }.contains("--set 'data.classes=[square]'"))
    other.overrides = [try Override("data.classes=[square]")]
    let outcome = try other.run()
    #expect(outcome.json["detection"]?["perClassAP"]?["disc"] == .null)
  }

  @Test func splitsThatAreMissingAreNamed() throws {
    _ = try scenes.train(to: run)
    let said = message { _ = try Evaluating(run, split: .test).run() }
    #expect(said.contains("train, val") && said.contains("'test'"))
    try FileManager.default.removeItem(atPath: folder.file("set/annotations/instances_val.json"))
    var other = Evaluating(run)
    other.data = scenes.path
    other.overrides = [try Override("input.width=96")]
    #expect(try other.run().split == .train)
  }

  @Test func withoutValTheLastCheckpointCounts() throws {
    try FileManager.default.removeItem(atPath: folder.file("set/annotations/instances_val.json"))
    let outcome = try scenes.train(to: run)
    #expect(outcome.pictures.allSatisfy(FileManager.default.fileExists(atPath:)))
    let summary = try JSON(contentsOf: "\(run)/summary.json")
    #expect(summary["checkpoint"]?.string == "last" && summary["best"] == .null)
    #expect(!FileManager.default.fileExists(atPath: "\(run)/checkpoints/best.safetensors"))
    #expect(try Evaluating(run).run().split == .train)
  }

  @Test func damagedSamplesAreLeftOutAndListed() throws {
    for name in ["train/train1", "val/val1"] {
      try AtomicFile.write("no image", to: folder.file("set/\(name).png"))
    }
    _ = try scenes.train(to: run, epochs: 2)
    let damaged = try JSON(contentsOf: "\(run)/summary.json")["damaged"]?.array ?? []
    #expect(damaged.map { $0["sample"]?.string } == ["train1", "val1"])
    #expect(damaged[0]["error"]?.string?.contains("train1.png") == true)
    let outcome = try Evaluating(run).run()
    #expect(outcome.evaluation.samples == 2 && outcome.json["skippedSamples"] == 1)
    let said = message { _ = try scenes.train(to: folder.file("strict"), isStrict: true) }
    #expect(said.contains("train1.png"))
  }

  @Test func pathsWorkFromAnyFolder() throws {
    let config = try ExperimentConfig(
      contentsOf: nil,
      overrides: [
        try Override(
          "data={name: mix, datasets: [{name: coco, path: set}, {name: voc, path: /v}]}"),
        try Override("network.weights=./w.safetensors"),
      ]
    ).resolved()
    let here = FileManager.default.currentDirectoryPath
    let yaml = try config.yaml()
    #expect(yaml.contains("\(here)/set") && yaml.contains("path: /v"))
    #expect(config.network.weights == "\(here)/w.safetensors")
    #expect(try config.resolved() == config)
  }

  @Test func fineTuningMatchesRowsByName() throws {
    _ = try scenes.train(to: run)
    let weights = "\(run)/checkpoints/last.safetensors"
    let layer = "segmentation.predictor.bias"
    let trained = try RunCheckpoint(weights).tensors[layer]!.doubles
    func bias(_ names: [String]) throws -> [Double] {
      var config = try RunCheckpoint(weights).config
      config.network.weights = weights
      let classes = DataClasses(masks: names, boxes: Array(names.dropFirst()))
      let network = try config.makeNetwork(config.makeTasks(classes), classes)
      return network.stateDictionary().first { $0.name == layer }!.tensor.doubles
    }
    #expect(try bias(["background", "square", "disc"]) == [trained[0], trained[2], trained[1]])
    #expect(try bias(["background", "square", "other"]) != [trained[0], trained[2], trained[1]])
  }

  @Test func predictionsHaveTheSetsIDsAndNamesOfTheirOwn() throws {
    _ = try scenes.train(to: run)
    func ids(_ images: [String], truth: String? = nil) throws -> Set<FoundIDs> {
      let out = folder.file("seen")
      try? FileManager.default.removeItem(atPath: out)
      try Predicting.run(run, images: images, to: out, threshold: 0.001, truth: truth)
      let found = try JSON(contentsOf: "\(out)/detections.json").array ?? []
      return Set(found.map { FoundIDs($0["image_id"]!, $0["category_id"]!) })
    }
    let own = try ids([folder.file("set/val")])
    #expect(Set(own.map(\.image)).isSubset(of: ["48", "49", "50"]) && !own.isEmpty)
    #expect(Set(own.map(\.category)).isSubset(of: ["4", "9"]))

    for place in ["photos/a/x.png", "photos/b/x.png", "photos/b/y.png", "photos/.hidden.png"] {
      try makeFolder((folder.file(place) as NSString).deletingLastPathComponent)
      try FileManager.default.copyItem(
        atPath: folder.file("set/val/val1.png"), toPath: folder.file(place))
    }
    try Image(width: 64, height: 64, channels: 3).write(to: folder.file("photos/b/y.jpg"))
    _ = try ids([folder.file("photos/a"), folder.file("photos/b")])
    let written = Set(try FileManager.default.contentsOfDirectory(atPath: folder.file("seen")))
      .filter { !$0.hasPrefix(".") }
    let names = ["a_x", "b_x", "y.png", "y.jpg"]
    #expect(
      written
        == Set(names.flatMap { ["\($0)_overlay.png", "\($0)_mask.png"] } + ["detections.json"]))

    try FileManager.default.copyItem(
      atPath: folder.file("set/val"), toPath: folder.file("elsewhere"))
    let truth = folder.file("set/annotations/instances_val.json")
    #expect(try ids([folder.file("elsewhere")], truth: truth) == own)
    #expect(
      message { _ = try ids([folder.file("photos")], truth: truth) }.contains("instances_val.json"))
    let twice = message {
      _ = try ids([folder.file("set/val"), folder.file("elsewhere")], truth: truth)
    }
    #expect(twice.contains("set/val/val0.png and") && twice.contains("elsewhere/val0.png"))
    // A data set that was moved away gives no ids: image names are used instead.
    try FileManager.default.moveItem(atPath: folder.file("set"), toPath: folder.file("moved"))
    let named = try ids([folder.file("elsewhere")])
    #expect(named.allSatisfy { $0.image.hasPrefix("\"val") } && !named.isEmpty)
  }

  @Test func aReportOfRunsWithoutValSaysSo() throws {
    try FileManager.default.removeItem(atPath: folder.file("set/annotations/instances_val.json"))
    _ = try scenes.train(to: run)
    var options = Report.Options()
    options.out = folder.file("report")
    let report = try Report.write(for: [run], options).report.json
    let notes = (report["notes"]?.array ?? []).compactMap(\.string)
    #expect(notes.contains { $0.contains("have no best checkpoint") })
  }
}

/// The ids of a detection, as JSON.
private struct FoundIDs: Hashable {
  let image: String
  let category: String

  init(_ image: JSON, _ category: JSON) {
    (self.image, self.category) = (image.compact, category.compact)
  }
}
