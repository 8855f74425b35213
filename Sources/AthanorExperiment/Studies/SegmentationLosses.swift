import AthanorCore
import AthanorData
import AthanorLosses
import AthanorMetrics
import AthanorTraining
import Foundation

/// Compares every segmentation loss on the synthetic scenes, whose classes are imbalanced: the same
/// network, budget and seeds, with only the segmentation head.
///
/// Each run uses its best epoch by val mIoU and is measured once on test: mIoU, the IoU of the rare
/// class, and the mean IoU of the foreground classes within the boxes of small objects.
public struct SegmentationLosses: Sendable {
  /// The test result of one run.
  public struct Run: Sendable {
    public var loss: String
    public var seed: Int
    public var mIoU: Double
    public var rareIoU: Double
    public var smallIoU: Double
    public var trainingSeconds: Double
  }

  /// A box is small if its area is at most that of a square with this side, in pixels.
  public static let smallSide: Float = 16

  public var losses = segmentationLosses.names.map { Selection($0) }
  public var seeds = 3
  public var epochs = 4
  /// The number of training scenes.
  public var scenes = 1200
  public var overrides: [Override] = []

  public init() {
    // The boundary loss alone has its minimum elsewhere, so it is combined with the region loss of
    // its paper.
    losses = losses.map {
      $0.name == "boundary"
        ? Selection("boundary", [.init("region", .string("generalized_dice"))]) : $0
    }
  }

  /// Trains the runs that `folder` does not have yet and measures all; an interrupted run is
  /// trained again, finished ones are kept.
  ///
  /// `progress` receives the number of finished runs and the name of the next one.
  public func callAsFunction(
    in folder: String, shouldStop: @escaping () -> Bool, progress: (Int, String) -> Void
  ) throws -> [Run] {
    try makeFolder(folder)
    let lock = try FolderLock(folder)
    defer { lock.release() }
    try makeFolder("\(folder)/runs")
    var runs: [Run] = []
    for selection in losses {
      for seed in 0..<seeds where !shouldStop() {
        progress(runs.count, "\(selection.name) seed \(seed)")
        let path = "\(folder)/runs/\(selection.name)-\(seed)"
        if !Self.isFinished(path) {
          if FileManager.default.fileExists(atPath: path) {
            _ = try RunFolder(existing: path)
            try FileManager.default.removeItem(atPath: path)
          }
          do {
            _ = try Training.run(
              config: nil, overrides: try settings(selection, seed) + overrides, out: path,
              resume: false, shouldStop: shouldStop)
          } catch is CancellationError { break }
        }
        if shouldStop() { break }
        runs.append(try Self.measure(path, loss: selection.name, seed: seed))
      }
    }
    return runs
  }

  private func settings(_ loss: Selection, _ seed: Int) throws -> [Override] {
    let options = loss.options.map { ", \($0.key): \(JSON($0.value).compact)" }.joined()
    return try [
      "tasks=[segmentation]", "weighting=fixed", "seed=\(seed)", "training.epochs=\(epochs)",
      "data.train=\(scenes)", "tasks.segmentation.loss={name: \(loss.name)\(options)}",
    ].map { try Override($0) }
  }

  private static func summary(_ path: String) -> JSON? {
    (try? AtomicFile.read("\(path)/summary.json")).flatMap { try? JSON(parsing: $0) }
  }

  private static func isFinished(_ path: String) -> Bool {
    summary(path)?["status"]?.string == "finished"
  }

  private static func measure(_ path: String, loss: String, seed: Int) throws -> Run {
    let checkpoint = try RunCheckpoint(try Checkpoints.locate(path))
    let network = try checkpoint.makeNetwork()
    let dataset = try datasets.make(checkpoint.config.data, at: "data").open(.test)
    let tasks = try checkpoint.makeTasks()
    var small = ConfusionMatrix(classes: checkpoint.classes.masks.count)
    let evaluator = Evaluator(
      network, tasks, dataset, checkpoint.format, further: [.boxes])
    let evaluation = try evaluator(visit: { result in
      let sample = result.sample
      guard let truth = sample.mask, let mask = result.prediction[tasks[0].name]?.mask else {
        return
      }
      var counted = [UInt8](repeating: 255, count: truth.pixels.count)
      for box in sample.boxes ?? [] where box.area <= smallSide * smallSide {
        for y in Int(box.y1)..<min(truth.height, Int(box.y2.rounded(.up))) {
          for x in Int(box.x1)..<min(truth.width, Int(box.x2.rounded(.up))) {
            counted[y * truth.width + x] = truth.pixels[y * truth.width + x]
          }
        }
      }
      try small.add(prediction: mask.pixels, truth: counted)
    })
    let found = evaluation.tasks[0].evaluation
    let perClass = found?.perClass.first?.values ?? []
    let inSmall = small.metrics.perClassIoU.dropFirst().compactMap { $0 }
    return Run(
      loss: loss, seed: seed, mIoU: found?.value(tasks[0].headline) ?? .nan,
      rareIoU: (perClass.last ?? nil) ?? .nan,
      smallIoU: inSmall.isEmpty ? .nan : inSmall.reduce(0, +) / Double(inSmall.count),
      trainingSeconds: summary(path)?["trainingSeconds"]?.number ?? .nan)
  }
}
