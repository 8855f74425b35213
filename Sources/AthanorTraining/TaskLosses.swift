import AthanorBalancing
import AthanorData
import AthanorLosses
import AthanorNetworks
import AthanorTensor

/// The losses of one batch.
public struct TaskLosses {
  /// One loss a task, in the objective's order; nil where no sample carries the task's label.
  public var tasks: [Tensor?]
  /// The detection loss's three terms by name, for the record.
  public var terms: [(name: String, value: Tensor)]
}

/// What is minimised: which tasks there are and the loss of each.
public struct Objective: Sendable {
  /// The names of the tasks a configuration may ask for.
  public static let knownTasks = ["segmentation", "detection"]
  static let detectionTerms: [Task] = [
    Task("detection.cls", .classification), Task("detection.box", .regression),
    Task("detection.centerness", .classification),
  ]

  public let segmentation: (any SegmentationLoss)?
  public let detection: DetectionLoss?
  /// Whether the detection loss's three terms are tasks of their own.
  public let splitsDetection: Bool

  public init(
    segmentation: (any SegmentationLoss)?, detection: DetectionLoss?, splitsDetection: Bool = false
  ) {
    self.segmentation = segmentation
    self.detection = detection
    self.splitsDetection = splitsDetection
  }

  public var tasks: [Task] {
    var tasks: [Task] = []
    if segmentation != nil { tasks.append(Task("segmentation", .classification)) }
    if detection != nil {
      tasks += splitsDetection ? Self.detectionTerms : [Task("detection", .regression)]
    }
    return tasks
  }

  /// The same, the segmentation loss fitted to class frequencies where it needs any.
  public func fitted(to frequencies: () throws -> ClassFrequencies) rethrows -> Objective {
    guard let segmentation, segmentation.needsFrequencies else { return self }
    return Objective(
      segmentation: segmentation.fitted(to: try frequencies()), detection: detection,
      splitsDetection: splitsDetection)
  }

  /// The losses of what the network said of a batch, in an epoch counted from 0.
  public func callAsFunction(
    _ output: MultiTaskNetwork.Output, _ batch: Batch, epoch: Int = 0
  ) -> TaskLosses {
    var losses = TaskLosses(tasks: [], terms: [])
    if let segmentation, let logits = output.segmentation {
      losses.tasks.append(
        batch.hasMask.contains(true) ? segmentation(logits, batch.mask, epoch: epoch) : nil)
    }
    if let detection, let levels = output.detection {
      guard batch.hasBoxes.contains(true) else {
        losses.tasks += [Tensor?](repeating: nil, count: splitsDetection ? 3 : 1)
        return losses
      }
      let terms = detection(levels.map(\.forLoss), batch.detectionTargets)
      let parts = [terms.classification, terms.box, terms.centerness]
      losses.terms = zip(Self.detectionTerms, parts).map { ($0.name, $1) }
      guard splitsDetection else {
        losses.tasks.append(parts[0] + parts[1] + parts[2])
        return losses
      }
      // Without a positive point box and centerness have no target: absent, not solved.
      losses.tasks += terms.positives > 0 ? parts : [parts[0], nil, nil]
    }
    return losses
  }
}

extension DetectionLevel {
  /// The same outputs as the loss takes them.
  fileprivate var forLoss: DetectionLogits {
    DetectionLogits(
      stride: stride, classification: classification, regression: regression,
      centerness: centerness, scale: scale)
  }
}

extension Batch {
  fileprivate var detectionTargets: DetectionTargets {
    DetectionTargets(boxes: boxes, classes: classes, hasBoxes: hasBoxes)
  }
}
