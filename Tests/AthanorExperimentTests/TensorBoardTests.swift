import AthanorCore
import AthanorExperiment
import AthanorMetrics
import AthanorReport
import AthanorVision
import Foundation
import TestSupport
import Testing

/// A Python with tensorboard, to read what we write: `ATHANOR_PYTHON`, where it is set.
private let python: String? = {
  guard let path = ProcessInfo.processInfo.environment["ATHANOR_PYTHON"] else { return nil }
  let process = Process()
  process.executableURL = URL(fileURLWithPath: path)
  process.arguments = ["-c", "import tensorboard"]
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return nil }
  process.waitUntilExit()
  return process.terminationStatus == 0 ? path : nil
}()

@Test func eventFilesAreCutWhereARunResumes() throws {
  let folder = try TemporaryFolder()
  let path = folder.file(EventFile.name)
  var lengths: [Int] = []
  do {
    let file = try EventFile(in: folder.path)
    for step in [10, 200, 3000] {
      try file.add([("loss", 1), ("mIoU", 0.5)], step: step)
      lengths.append(try AtomicFile.read(path).count)
    }
  }
  let whole = try AtomicFile.read(path)
  try Data(whole + [1, 2, 3]).write(to: URL(fileURLWithPath: path))
  _ = try EventFile(in: folder.path, resumingAfter: 3000)
  #expect(try AtomicFile.read(path) == whole)
  _ = try EventFile(in: folder.path, resumingAfter: 2999)
  #expect(try AtomicFile.read(path).count == lengths[1])
  _ = try EventFile(in: folder.path, resumingAfter: 10)
  #expect(try AtomicFile.read(path).count == lengths[0])
  _ = try EventFile(in: folder.path)
  #expect(try AtomicFile.read(path).count < lengths[0])
}

/// Three of four objects are found: at scores of .905 and .805, then a false positive at .6, the
/// third object at .3.
@Test func aCurveHasTheCountsOfItsThresholds() throws {
  func box(_ x: Float) -> BoundingBox { BoundingBox(x1: x, y1: 0, x2: x + 10, y2: 10, label: 0) }
  var evaluator = COCOEvaluator(classes: 2)
  evaluator.add(
    truths: [box(0), box(20), box(40), box(60)],
    detections: [box(0), box(20), box(80), box(40)], scores: [0.905, 0.805, 0.6, 0.305])
  let curve = try #require(evaluator.evaluate().curve(category: 0))
  #expect(curve.objects == 4)
  let folder = try TemporaryFolder()
  try EventFile(in: folder.path).add(curve, name: "val/pr/disc", step: 7)
  let read = try #require(ReadSummary.all(in: folder.file(EventFile.name)).first)
  #expect((read.tag, read.step, read.plugin) == ("val/pr/disc", 7, "pr_curves"))
  #expect(read.content?.integer(1) == 0 && read.content?.integer(2) == 101)
  #expect(read.shape == [6, 101] && read.floats.count == 606)
  func column(_ threshold: Int) -> [Float] { (0..<6).map { read.floats[$0 * 101 + threshold] } }
  #expect(column(0) == [3, 1, 0, 1, 0.75, 0.75] && column(30) == column(0))
  #expect(column(31) == [2, 0, 0, 2, 1, 0.5] && column(80) == column(31))
  #expect(column(81) == [1, 0, 0, 3, 1, 0.25] && column(90) == column(81))
  #expect(column(91) == [0, 0, 0, 4, 0, 0] && column(100) == column(91))
}

/// A run, and the same resumed for more epochs.
@Test func tensorBoardGetsSettingsAndCurves() throws {
  let folder = try TemporaryFolder()
  let scenes = COCOScenes(folder.file("set"))
  try scenes.write()
  let run = folder.file("run")
  let place = "\(run)/tensorboard"
  for epochs in [1, 3] {
    _ = try scenes.train(to: run, epochs: epochs, resume: epochs > 1)
    let names = try FileManager.default.contentsOfDirectory(atPath: place).sorted()
    #expect(names.count == 2 && names.last == EventFile.name)
    let settings = try ReadSummary.all(in: "\(place)/\(names[0])")
    #expect(
      settings.map(\.tag) == [
        "config", "_hparams_/experiment", "_hparams_/session_start_info",
      ])
    let yaml = try TextFile.read("\(run)/config.yaml")
    #expect(settings[0].plugin == "text")
    #expect(settings[0].tensor?.text(8) == "```yaml\n\(yaml)```\n")
    #expect(settings[1...].allSatisfy { $0.plugin == "hparams" && $0.shape == [0] })
    var values: [String: ReadMessage] = [:]
    for entry in settings[2].content?.message(3)?.messages(1) ?? [] {
      values[entry.text(1) ?? ""] = entry.message(2)
    }
    #expect(values["training.epochs"]?.double(2) == Double(epochs))
    #expect(values["seed"]?.double(2) == 0 && values["optimizer.learning_rate"]?.double(2) == 3e-3)
    #expect(values["weighting"]?.text(3) == "uncertainty")
    #expect(values["network.backbone"]?.text(3) == "resnet10")
    #expect(values["tasks.detection.split"]?.integer(4) == 0)
    #expect(values["data"]?.text(3) == "coco" && values["data.path"] == nil)
    let experiment = settings[1].content?.message(2)
    #expect(experiment?.messages(4).compactMap { $0.text(1) } == values.keys.sorted())
    let metrics = experiment?.messages(5).compactMap { $0.message(1)?.text(2) } ?? []
    #expect(metrics == ["val/segmentation/mIoU", "val/detection/AP", "val/score"])

    // There is one end, after everything else: that of the shorter run is removed.
    let events = try ReadSummary.all(in: "\(place)/\(EventFile.name)")
    let ends = events.filter { $0.plugin == "hparams" }
    #expect(ends.map(\.tag) == ["_hparams_/session_end_info"])
    #expect(events.last?.tag == ends.first?.tag && ends.first?.step == 2 * epochs)
    #expect(ends.first?.content?.message(4)?.integer(1) == 1)
    for name in ["disc", "square"] {
      let curves = events.filter { $0.tag == "val/pr/detection/\(name)" }
      #expect(curves.map(\.step) == (1...epochs).map { 2 * $0 - 1 })
      #expect(curves.allSatisfy { $0.plugin == "pr_curves" && $0.shape == [6, 101] })
    }
    let history = try Table(contentsOf: "\(run)/history.csv")
    for (tag, column) in [
      ("val/segmentation/mIoU", "val/segmentation/mIoU"), ("val/score", "score"),
    ] {
      let recorded = events.filter { $0.tag == tag }.compactMap(\.scalar)
      #expect(recorded == history.numbers(column).map { Float($0 ?? .nan) })
    }
  }
}

@Test(.enabled(if: python != nil, "set ATHANOR_PYTHON to a Python that has tensorboard"))
func tensorBoardReadsTheEvents() throws {
  let folder = try TemporaryFolder()
  let file = try EventFile(in: folder.path)
  try file.add([("loss/total", 2.5), ("val/segmentation/mIoU", 0.75)], step: 1)
  try file.add([("loss/total", 1.25)], step: 300)
  let image = Image(width: 3, height: 2, channels: 3, filledWith: 200)
  try file.add(image, name: "val/overlay", step: 300)
  let process = Process()
  process.executableURL = URL(fileURLWithPath: python ?? "/usr/bin/false")
  process.arguments = [
    "-c",
    """
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    a = EventAccumulator('\(folder.path)'); a.Reload()
    print([(e.step, e.value) for e in a.Scalars('loss/total')], a.Tags()['images'],
      [(i.step, i.width, i.height, i.encoded_image_string[1:4]) for i in a.Images('val/overlay')])
    """,
  ]
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  #expect(text == "[(1, 2.5), (300, 1.25)] ['val/overlay'] [(300, 3, 2, b'PNG')]\n")
}
