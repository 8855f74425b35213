import AthanorMetrics

/// What the report measures of a run. Raw values are the columns of `results.csv`.
enum Measure: String, CaseIterable, Sendable {
  case testMIoU = "test/mIoU"
  case testAP = "test/AP"
  case testAP50 = "test/AP50"
  case deltaM = "delta_m"
  case segmentationChange = "change/segmentation"
  case detectionChange = "change/detection"
  case score = "val/score"
  case bestMIoU = "val/mIoU"
  case bestAP = "val/AP"
  case lastMIoU = "val_last/mIoU"
  case lastAP = "val_last/AP"
  case stepTime = "ms_per_step"
  case peakMemory = "peak_mib"
  case backwardPasses = "backward_passes"

  /// The heading of its column.
  var title: String {
    switch self {
    case .testMIoU, .bestMIoU, .lastMIoU: "mIoU"
    case .testAP, .bestAP, .lastAP: "AP"
    case .testAP50: "AP50"
    case .deltaM: "Δm, %"
    case .segmentationChange: "mIoU, % of alone"
    case .detectionChange: "AP, % of alone"
    case .score: "score"
    case .stepTime: "median ms/step"
    case .peakMemory: "peak, MiB"
    case .backwardPasses: "backward passes"
    }
  }

  /// Decimals in tables for people.
  var decimals: Int {
    switch self {
    case .testMIoU, .testAP, .testAP50, .score, .bestMIoU, .bestAP, .lastMIoU, .lastAP: 3
    case .deltaM, .segmentationChange, .detectionChange: 1
    case .stepTime, .peakMemory, .backwardPasses: 0
    }
  }

  var lowerIsBetter: Bool {
    switch self {
    case .stepTime, .peakMemory, .backwardPasses: true
    default: false
    }
  }

  /// The one metric by which each task is judged: the task, its metric on test, and the relative
  /// change of it against the task trained alone.
  static let headlines: [(task: ExperimentConfig.Task, metric: Measure, change: Measure)] = [
    (.segmentation, .testMIoU, .segmentationChange), (.detection, .testAP, .detectionChange),
  ]
}
