import AthanorCore
import AthanorData
import AthanorMetrics
import AthanorNetworks
import AthanorTensor
import AthanorTraining
import AthanorVision
import Foundation

/// What `athanor eval` does: a checkpoint measured on a split.
public enum Evaluating {
  /// The contract's object: the measures of each task the data is labelled for.
  ///
  /// `title` stands before the progress bar; each sample with its prediction goes to `visit`.
  public static func run(
    _ path: String, split: Split, title: String? = nil,
    visit: (Sample, Prediction, DataClasses) throws -> Void = { _, _, _ in }
  ) throws -> JSON {
    let checkpoint = try RunCheckpoint(try Checkpoints.locate(path))
    let network = try checkpoint.makeNetwork()
    let dataset = try datasets.make(checkpoint.config.data, at: "data").open(split)
    guard dataset.count > 0 else {
      throw SettingsError(
        key: "--split", expected: "a split with samples", received: "'\(split.rawValue)'")
    }
    let bar = ProgressBar(
      title ?? "evaluate \(split.rawValue)", total: dataset.count, unit: "image")
    defer { bar.finish() }
    let evaluation = try Evaluator(network, dataset, checkpoint.format)(
      progress: { bar.update($0) }, visit: { try visit($0, $1, checkpoint.classes) })
    var members: [JSON.Member] = []
    if let segmentation = evaluation.segmentation {
      let summary = SegmentationSummary(segmentation, classNames: checkpoint.classes.segmentation)
      members.append(JSON.Member("segmentation", summary.json))
    }
    if let detection = evaluation.detection?.metrics {
      members.append(JSON.Member("detection", detection.json))
    }
    return .object(members)
  }
}

/// Where a command line's RUN or CHECKPOINT leads.
public enum Checkpoints {
  /// A checkpoint file itself, or a run's best one, or its last.
  public static func locate(_ path: String) throws -> String {
    path.hasSuffix(".safetensors") ? path : try RunFolder.locate(path).checkpoint
  }
}

extension SegmentationSummary {
  /// The contract's object: `perClassIoU` by class name, null where the class is absent.
  public var json: JSON {
    var members = scalars.map { JSON.Member($0.key, $0.value.map { .number($0) } ?? .null) }
    members.append(
      JSON.Member(
        "perClassIoU",
        .object(
          zip(classNames, metrics.perClassIoU).map {
            JSON.Member($0, $1.map { .number($0) } ?? .null)
          })))
    return .object(members)
  }
}

extension DetectionMetrics {
  /// COCO's twelve numbers under their usual names.
  public var json: JSON {
    [
      "AP": .number(AP), "AP50": .number(AP50), "AP75": .number(AP75), "APs": .number(APs),
      "APm": .number(APm), "APl": .number(APl), "AR1": .number(AR1), "AR10": .number(AR10),
      "AR100": .number(AR100), "ARs": .number(ARs), "ARm": .number(ARm), "ARl": .number(ARl),
    ]
  }
}
