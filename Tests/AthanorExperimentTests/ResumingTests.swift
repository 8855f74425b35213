import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorNetworks
import AthanorReport
import AthanorVision
import Foundation
import TestSupport
import Testing

/// Which changes to a run's folder are accepted, and which are not.
@Suite(.serialized) struct ResumingTests {
  private let folder: TemporaryFolder
  private let scenes: COCOScenes
  private var run: String { folder.file("run") }

  init() throws {
    folder = try TemporaryFolder()
    scenes = COCOScenes(folder.file("set"))
    try scenes.write()
  }

  /// Every file of the run with its bytes, except the lock.
  private func contents() throws -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: run) where name != ".lock" {
      contents[name] = try? AtomicFile.read("\(run)/\(name)")
    }
    return contents
  }

  private func resume(_ overrides: [String]) throws {
    _ = try Training.run(
      config: nil, overrides: overrides.map { try Override($0) }, out: run, resume: true,
      shouldStop: { false })
  }

  @Test func otherSettingsAreAnotherRun() throws {
    _ = try scenes.train(to: run, epochs: 2)
    let before = try contents()
    for (override, key) in [
      ("weighting=pcgrad", "weighting"), ("optimizer=sgd", "optimizer"),
      ("optimizer.learning_rate=0.5", "optimizer.learning_rate"), ("input.width=96", "input.width"),
      ("seed=1", "seed"), ("data.classes=[disc]", "data.classes"),
      ("training.batch_size=3", "training.batch_size"), ("training.epochs=1", "training.epochs"),
      ("tasks=[detection]", "tasks"), ("tasks.segmentation.loss=dice", "tasks.segmentation.loss"),
      ("network.width=16", "network.width"), ("augmentations=[horizontal_flip]", "augmentations"),
      ("schedule=constant", "schedule"), ("data=synthetic", "data"),
    ] {
      let said = message { try resume(["training.epochs=4", override]) }
      #expect(said.contains("last.safetensors") && said.contains(key), "\(override): \(said)")
    }
    #expect(try contents() == before)
    // The same change made by a configuration given with --resume, or by editing the file by hand.
    let config = try TextFile.read("\(run)/config.yaml")
    let other = folder.file("other.yaml")
    try AtomicFile.write(config.replacing("seed: 0", with: "seed: 3"), to: other)
    let said = message {
      _ = try Training.run(
        config: other, overrides: [], out: run, resume: true, shouldStop: { false })
    }
    #expect(said.contains("seed"))
    #expect(try contents() == before)
  }

  @Test func aConfigurationChangedByHandIsNoRecord() throws {
    _ = try scenes.train(to: run, epochs: 1)
    let config = try TextFile.read("\(run)/config.yaml")
    let other = config.replacing("seed: 0", with: "seed: 5")
    try AtomicFile.write(other, to: "\(run)/config.yaml")
    #expect(message { try resume(["training.epochs=2"]) }.contains("seed"))
    var options = Report.Options()
    (options.out, options.measures) = (folder.file("report"), false)
    let report = try Report.write(for: [run], options).report.json
    #expect(report["runs"]?.array?[0]["status"]?.string == "failed")
    #expect(report["runs"]?.array?[0]["reason"]?.string?.contains("seed") == true)
  }

  @Test func aHistoryChangedByHandIsNoRecord() throws {
    _ = try scenes.train(to: run, epochs: 1)
    let file = "\(run)/history.csv"
    let whole = try TextFile.read(file)
    var lines = whole.split(separator: "\n").map { $0.components(separatedBy: ",") }
    let column = try #require(lines[0].firstIndex(of: "val/segmentation/mIoU"))
    var options = Report.Options()
    (options.out, options.measures) = (folder.file("report"), false)
    func reported(_ history: String) throws -> JSON? {
      try AtomicFile.write(history, to: file)
      return try Report.write(for: [run], options).report.json["runs"]?.array?[0]
    }
    #expect(try reported(whole)?["status"]?.string == "finished")
    var changed = ["epoch\n", "no table"]
    for value in ["0.99", "nan", ""] {
      lines[1][column] = value
      changed.append(lines.map { $0.joined(separator: ",") + "\n" }.joined())
    }
    for history in changed {
      let said = try reported(history)
      #expect(said?["status"]?.string == "failed", "\(history)")
      #expect(said?["reason"]?.string?.contains("history.csv") == true, "\(history)")
    }
  }

  @Test func epochsThreadsAndPlaceMayChange() throws {
    _ = try scenes.train(to: run, epochs: 1)
    let moved = folder.file("moved")
    try FileManager.default.moveItem(atPath: scenes.path, toPath: moved)
    #expect(message { try resume(["training.epochs=2"]) }.contains(scenes.path))
    try resume(["training.epochs=2", "data.path=\(moved)"])
    let summary = try JSON(contentsOf: "\(run)/summary.json")
    let segments = summary["segments"]?.array ?? []
    #expect(segments.map { $0["data"]?.string } == [scenes.path, moved])
    #expect(segments.map { $0["epochs"]?.integer } == [1, 2])
    #expect(summary["status"]?.string == "finished" && summary["epochs"]?.integer == 2)
  }

  @Test func otherDataAreNoticed() throws {
    _ = try scenes.train(to: run, epochs: 1)
    let before = try contents()
    #expect(try Evaluating(run).run().warnings.isEmpty)
    // An additional file that is not data does not make another version.
    try AtomicFile.write("notes", to: "\(scenes.path)/README")
    #expect(try Evaluating(run).run().warnings.isEmpty)
    let image = "\(scenes.path)/val/val0.png"
    var picture = try Image(contentsOf: image, as: .color)
    picture.pixels[0] ^= 1
    try picture.write(to: image)
    let said = message { try resume(["training.epochs=2"]) }
    #expect(said.contains("val of 3 samples"), "\(said)")
    #expect(said.contains("fingerprint"))
    #expect(try contents() == before)
    let outcome = try Evaluating(run).run()
    #expect(outcome.warnings.count == 1 && outcome.json["warnings"]?.array?.count == 1)
  }

  @Test func aStartThatFailsLeavesNothing() throws {
    let nested = folder.file("a/b/run")
    let image = "\(scenes.path)/train/train0.png"
    let bytes = try AtomicFile.read(image)
    try AtomicFile.write("no image", to: image)
    #expect(message { _ = try scenes.train(to: nested, isStrict: true) }.contains("train0.png"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("a")))
    // In a folder that existed, the earlier content is kept.
    try makeFolder(run)
    try AtomicFile.write("mine", to: "\(run)/notes.txt")
    for overrides in [["training.batch_size=0"], ["network.backbone=none"], ["data=nothing"]] {
      #expect(message { _ = try scenes.train(to: run, overrides) } != "no error")
    }
    #expect(message { _ = try scenes.train(to: run, isStrict: true) }.contains("train0.png"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: run) == ["notes.txt"])
    try Data(bytes).write(to: URL(fileURLWithPath: image))
    _ = try scenes.train(to: run, isStrict: true)
    #expect(try TextFile.read("\(run)/notes.txt") == "mine")
  }

  @Test func aRunThatFailsSaysSo() throws {
    let diverging = ["optimizer={name: sgd, learning_rate: 1e30}", "training.warmup=0"]
    let said = message {
      _ = try scenes.train(to: run, diverging + ["training.clip_norm=null"], epochs: 3)
    }
    #expect(said.contains("training stopped"), "\(said)")
    let summary = try JSON(contentsOf: "\(run)/summary.json")
    #expect(summary["status"]?.string == "failed")
    #expect(summary["reason"]?.string?.contains("training stopped") == true)
    var options = Report.Options()
    (options.out, options.measures) = (folder.file("report"), false)
    let report = try Report.write(for: [run], options).report.json
    #expect(report["runs"]?.array?[0]["status"]?.string == "failed")
  }

  @Test func aDamagedLastCheckpointNamesTheBest() throws {
    _ = try scenes.train(to: run, epochs: 1)
    let last = "\(run)/checkpoints/last.safetensors"
    let bytes = try AtomicFile.read(last)
    for damaged in [Array(bytes.prefix(bytes.count / 2)), [UInt8](repeating: 0, count: 100), []] {
      try Data(damaged).write(to: URL(fileURLWithPath: last))
      let said = message { try resume(["training.epochs=2"]) }
      for part in ["last.safetensors", "athanor eval", "best.safetensors", "network.weights="] {
        #expect(said.contains(part), "\(said)")
      }
    }
  }

  /// A run with finished epochs does not start again because its last checkpoint is missing.
  @Test func aMissingLastCheckpointIsNoNewBeginning() throws {
    _ = try scenes.train(to: run, epochs: 1)
    try FileManager.default.removeItem(atPath: "\(run)/checkpoints/last.safetensors")
    let before = try contents()
    let said = message { try resume(["training.epochs=2"]) }
    #expect(said.contains("last.safetensors") && said.contains("best.safetensors"), "\(said)")
    #expect(try contents() == before)
  }

  /// The record names an epoch as the best: without its checkpoint the record would be wrong.
  @Test func aMissingBestCheckpointIsSaid() throws {
    _ = try scenes.train(to: run, epochs: 1)
    let best = "\(run)/checkpoints/best.safetensors"
    for damage in [true, false] {
      if damage {
        try AtomicFile.write("", to: best)
      } else {
        try FileManager.default.removeItem(atPath: best)
      }
      let before = try contents()
      let said = message { try resume(["training.epochs=2"]) }
      #expect(said.hasPrefix(best) && said.contains("epoch 1"), "\(said)")
      #expect(try contents() == before)
    }
  }

  /// A run's files do not overwrite any other file, nor the target of a link.
  @Test(arguments: [
    "labels.png", "history.csv", "results.png", "summary.json", "checkpoints/best.safetensors",
    "tensorboard/events.out.tfevents.0000000000.athanor",
  ])
  func otherFilesAreNotWrittenOver(_ name: String) throws {
    try makeFolder(run)
    for folder in ["checkpoints", "tensorboard"] { try makeFolder("\(run)/\(folder)") }
    try AtomicFile.write("mine", to: folder.file("mine"))
    try FileManager.default.createSymbolicLink(
      atPath: "\(run)/\(name)", withDestinationPath: folder.file("mine"))
    let said = message { _ = try scenes.train(to: run) }
    #expect(said.hasPrefix(run) && said.contains("another --out"), "\(said)")
    #expect(try TextFile.read(folder.file("mine")) == "mine")
  }

  /// A run killed before its first update, or without memory for it: the same command works again.
  @Test func aRunWithoutAnUpdateIsReplaced() throws {
    _ = try scenes.train(to: run, epochs: 1)
    let summary = try TextFile.read("\(run)/summary.json")
    let config = try TextFile.read("\(run)/config.yaml")
    try FileManager.default.removeItem(atPath: run)
    for folder in ["", "checkpoints", "tensorboard"] { try makeFolder("\(run)/\(folder)") }
    try AtomicFile.write(config, to: "\(run)/config.yaml")
    // A configuration alone may be the user's own file.
    #expect(message { _ = try scenes.train(to: run) }.contains("--resume"))
    let unfinished = summary.replacing("\"finished\"", with: "\"unfinished\"")
    try AtomicFile.write(unfinished, to: "\(run)/summary.json")
    try AtomicFile.write("epoch,step\n", to: "\(run)/history.csv")
    _ = try scenes.train(to: run, epochs: 1)
    #expect(try JSON(contentsOf: "\(run)/summary.json")["status"]?.string == "finished")
  }

  /// Metadata beside the tensors is input too.
  @Test func metadataThatDoNotFitAreRefused() throws {
    _ = try scenes.train(to: run, epochs: 1)
    let last = "\(run)/checkpoints/last.safetensors"
    let (tensors, metadata) = try TensorFile.read(last)
    let named = tensors.map { (name: $0.key, tensor: $0.value) }
    func edited(_ key: String, _ from: String, _ to: String) throws -> String {
      let text = try #require(metadata[key])
      #expect(text.contains(from), "\(text)")
      return text.replacing(from, with: to)
    }
    for (key, value) in [
      ("classes", try edited("classes", "\"disc\"", "\"square\"")),
      ("classes", try edited("classes", "\"palette\":[", "\"palette\":[1,")),
      ("classes", try edited("classes", "\"categoryIDs\":[", "\"categoryIDs\":[77,")),
      ("classes", "{}"), ("classes", "["), ("record", "{\"splits\":1}"), ("config", "seed: x"),
      ("config", "tasks: ["), ("progress", "{\"epoch\":1}"),
      ("progress", try edited("progress", "\"epoch\":1", "\"epoch\":9223372036854775808")),
      ("progress", try edited("progress", "\"step\":2,", "\"step\":9223372036854775807,")),
      ("progress", try edited("progress", "\"batch\":0", "\"batch\":-1")), ("tensors", "7"),
      ("progress", try edited("progress", "\"segmentation\\/mIoU\":", "\"segmentation\\/mIoU\":7")),
      ("progress", try edited("progress", "\"score\":", "\"score\":-7")),
      ("progress", try edited("progress", "\"seconds\":", "\"seconds\":-1")),
      ("progress", try edited("progress", "\"weights\":{", "\"weights\":{\"none\":1,")),
      ("record", try edited("record", "\"epoch\":0", "\"epoch\":9223372036854775807")),
      ("record", try edited("record", "\"epoch\":0", "\"epoch\":-1")),
      ("record", try edited("record", "\"epochs\":1", "\"epochs\":-1")),
      ("record", try edited("record", "\"threads\":", "\"threads\":-")),
      ("record", try edited("record", "\"fingerprint\":\"", "\"fingerprint\":\"-")),
      ("record", try edited("record", "\"samples\":", "\"samples\":-")),
      ("record", "{\"splits\":[],\"segments\":[]}"),
    ] {
      var metadata = metadata
      metadata[key] = value
      try TensorFile.write(named, metadata: metadata, to: last)
      let said = message { try resume(["training.epochs=2"]) }
      #expect(said.contains("last.safetensors") && said.contains("athanor eval"), "\(key): \(said)")
    }
    try TensorFile.write(named, metadata: metadata, to: last)
    try resume(["training.epochs=2"])
  }
}
