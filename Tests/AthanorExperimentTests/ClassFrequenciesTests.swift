import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorLosses
import AthanorTraining
import AthanorVision
import Foundation
import Synchronization
import TestSupport
import Testing

/// A source that counts how many of its samples are read.
private struct CountedSource: DataSource {
  final class Reads: Sendable { let count = Atomic(0) }

  private struct Samples: Dataset {
    let inner: any Dataset
    let reads: Reads
    var classes: DataClasses { inner.classes }
    var count: Int { inner.count }
    var warnings: WarningLog { inner.warnings }
    func name(at index: Int) -> String { inner.name(at: index) }
    func sample(at index: Int) throws -> Sample {
      reads.count.add(1, ordering: .relaxed)
      return try inner.sample(at: index)
    }
  }

  let inner: any DataSource
  let reads = Reads()
  var folders: [String]? { inner.folders }
  func open(_ split: Split) throws -> any Dataset {
    Samples(inner: try inner.open(split), reads: reads)
  }
}

@Suite struct ClassFrequenciesTests {
  private let folder: TemporaryFolder
  private let selection: Selection
  private var kept: String { folder.file("\(derivedFolder)/class-frequencies-train.json") }

  /// Four images of eight pixels, three of which are for training.
  init() throws {
    folder = try TemporaryFolder()
    for name in ["images", "masks"] { try makeFolder(folder.file(name)) }
    for i in 0..<4 {
      try Image(width: 4, height: 2, channels: 3).write(to: folder.file("images/\(i).png"))
      try Self.write([0, 0, 0, 0, 1, 1, 255, 255], to: folder.file("masks/\(i).png"))
    }
    try AtomicFile.write("0\n1\n2\n", to: folder.file("train.txt"))
    try AtomicFile.write("3\n", to: folder.file("val.txt"))
    selection = Selection(
      "folder",
      [
        .init("path", .string(folder.path)),
        .init("classes", .list(["background", "thing", "rare"].map { .string($0) })),
      ])
  }

  private static func write(_ pixels: [UInt8], to path: String) throws {
    try Image(width: 4, height: 2, channels: 1, pixels: pixels).write(to: path)
  }

  /// The training split's frequencies, and how many samples were read for them.
  private func frequencies(
    _ selection: Selection? = nil
  ) throws -> (frequencies: ClassFrequencies, reads: Int) {
    let selection = selection ?? self.selection
    let source = CountedSource(inner: try datasets.make(selection, at: "data"))
    let frequencies = try ClassFrequencies(of: .train, in: source, selection)
    return (frequencies, source.reads.count.load(ordering: .relaxed))
  }

  @Test func masksAreCountedOnce() throws {
    let first = try frequencies()
    #expect(first.frequencies.pixels == [12, 6, 0])
    #expect(first.frequencies.pixelsOfImages == [18, 18, 0])
    #expect(first.reads == 3)
    #expect(FileManager.default.fileExists(atPath: kept))
    let second = try frequencies()
    #expect(second.frequencies == first.frequencies && second.reads == 0)
  }

  @Test func aChangedMaskIsNoticed() throws {
    _ = try frequencies()
    try Self.write([2, 0, 0, 0, 1, 1, 255, 255], to: folder.file("masks/1.png"))
    let changed = try frequencies()
    #expect(changed.frequencies.pixels == [11, 6, 1] && changed.reads == 3)
    #expect(try frequencies().reads == 0)
    try AtomicFile.write("0\n1\n", to: folder.file("train.txt"))
    #expect(try frequencies().frequencies.pixels == [7, 4, 1])
  }

  @Test func otherOptionsAreCountedAnew() throws {
    _ = try frequencies()
    let other = Selection(
      "folder", selection.options + [.init("ignore", .list([.integer(1)]))])
    let ignoring = try frequencies(other)
    #expect(ignoring.frequencies.pixels == [12, 0, 0] && ignoring.reads == 3)
  }

  @Test func whatCannotBeKeptIsCountedEveryTime() throws {
    try AtomicFile.write("no folder", to: folder.file(derivedFolder))
    for _ in 0..<2 { #expect(try frequencies().reads == 3) }
    let synthetic = Selection("synthetic", [.init("train", .integer(5))])
    for _ in 0..<2 { #expect(try frequencies(synthetic).reads == 5) }
  }

  @Test func aDamagedFileIsWrittenAgain() throws {
    let first = try frequencies()
    for text in ["", "{", "{\"key\":1}", try TextFile.read(kept).replacing("12", with: "x")] {
      try AtomicFile.write(text, to: kept)
      let again = try frequencies()
      #expect(again.frequencies == first.frequencies && again.reads == 3, "\(text)")
    }
  }

  @Test func trainingWeighsByTheTrainingMasks() throws {
    var config = ExperimentConfig()
    config.data = selection
    func setLoss(_ loss: Settings) {
      config.tasks = NamedSelections([
        .init("segmentation", Selection("segmentation", [.init("loss", loss)]))
      ])
    }
    setLoss(
      .map([
        .init("name", .string("sum")),
        .init("losses", .list([.string("dice"), .string("weighted_cross_entropy")])),
      ]))
    let experiment = try Experiment(config)
    #expect(experiment.objective.tasks[0].task.needsClassFrequencies)
    #expect(try !experiment.makeTrainer().objective.tasks[0].task.needsClassFrequencies)
    #expect(FileManager.default.fileExists(atPath: kept))
    setLoss(.string("cross_entropy"))
    try FileManager.default.removeItem(atPath: kept)
    _ = try Experiment(config).makeTrainer()
    #expect(!FileManager.default.fileExists(atPath: kept))
  }
}
