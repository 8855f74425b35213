import AthanorCore
import AthanorData
import AthanorLosses
import AthanorMetrics
import AthanorNetworks
import AthanorTensor
import AthanorVision

/// Boxes of objects and their classes, by FCOS.
public struct DetectionTask: VisionTask {
  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    /// The loss of the points' classes.
    public var classification = Selection("focal")
    /// The loss of the boxes of positive points.
    public var box = Selection("giou")
    /// Whether the three terms (`cls`, `box`, `centerness`) are balanced as tasks of their own.
    public var split = false
    /// How boxes that cover the same object are handled.
    public var suppression = BoxSuppression.nms

    public init() {}
  }

  public static let name = "detection"
  public static let summary = "boxes of objects and their classes"
  public static let source = "Tian et al. 2019 (FCOS)"
  public static let labelKind = Label.Kind.boxes
  public static let classLayer: String? = "classification_head.cls_logits"
  public static let balancingOptions = ["split"]
  public static let metrics =
    [
      TaskMetric("AP"), TaskMetric("AP50"), TaskMetric("AP75", in: .history),
    ]
    + ["APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"].map {
      TaskMetric($0, in: .evaluation)
    }

  public let options: TaskOptions<Own>
  private let loss: FCOSLoss

  public init(_ options: TaskOptions<Own>) throws {
    var options = options
    loss = FCOSLoss(
      classification: try classificationLosses.make(
        resolving: &options.classification, at: "classification"),
      box: try boxLosses.make(resolving: &options.box, at: "box"))
    self.options = options
  }

  private static let terms = [
    TaskLoss("cls", .classification), TaskLoss("box", .regression),
    TaskLoss("centerness", .classification),
  ]

  public var losses: [TaskLoss] { options.split ? Self.terms : [TaskLoss("", .regression)] }

  public func makeHead(on features: [FeatureLevel], _ label: LabelClasses) -> FCOSHead {
    FCOSHead(on: features, classes: label.names.count)
  }

  public func lossValues(
    _ output: FCOSOutput, _ target: BatchLabel, epoch: Int
  ) -> TaskLossValues {
    let values = loss(
      output.levels,
      DetectionTargets(
        boxes: target.values, classes: target.classes!, hasBoxes: target.isLabelled))
    let parts = [values.classification, values.box, values.centerness]
    let terms = zip(Self.terms, parts).map { (name: $0.name, value: $1) }
    guard options.split else {
      return TaskLossValues([parts[0] + parts[1] + parts[2]], terms: terms)
    }
    // Without a positive point, box and centerness have no target: absent, not a loss of 0.
    return TaskLossValues(values.positives > 0 ? parts : [parts[0], nil, nil], terms: terms)
  }

  public func predictions(
    _ output: FCOSOutput, _ geometry: [Geometry], minimumScore: Float
  ) -> [Label] {
    var decoder = FCOSDecoder(threshold: minimumScore)
    decoder.suppression = options.suppression
    let found = decoder(
      output.levels, sizes: geometry.map { ($0.contentWidth, $0.contentHeight) })
    return zip(found, geometry).map { .boxes($1.toOriginal($0)) }
  }

  public func makeMeter(_ label: LabelClasses) -> any TaskMeter { DetectionMeter(label) }
}

/// COCO's evaluation on the data set's own annotations, with the classes in the order of their
/// category ids, as pycocotools sorts them, so that the numbers are equal to the last digit.
private struct DetectionMeter: TaskMeter {
  private let classes: [String]
  /// The index of each label in the order of category ids.
  private let places: [Int]
  private var evaluator: COCOEvaluator

  init(_ label: LabelClasses) {
    classes = label.names
    let ids = label.categoryIDs
    var places = [Int](repeating: 0, count: ids.count)
    let order = ids.indices.sorted { (ids[$0], $0) < (ids[$1], $1) }
    for (place, label) in order.enumerated() { places[label] = place }
    self.places = places
    evaluator = COCOEvaluator(classes: label.names.count)
  }

  mutating func add(prediction: Label, truth: Label) {
    guard let prediction = prediction.boxes, let truth = truth.boxes else { return }
    evaluator.add(
      truths: truth.truths.map { truth in
        var truth = truth
        truth.category = places[truth.category]
        return truth
      },
      detections: prediction.detections.map { detection in
        var detection = detection
        detection.category = places[detection.category]
        return detection
      })
  }

  func evaluation() -> TaskEvaluation? {
    guard evaluator.images > 0 else { return nil }
    let found = evaluator.evaluate()
    func byLabel(_ values: [Double?]) -> [Double?] { places.map { values[$0] } }
    let curves = classes.indices.compactMap { label in
      found.curve(category: places[label]).map { (name: classes[label], curve: $0) }
    }
    return TaskEvaluation(
      found.metrics.scalars.map { ($0.key, $0.value) },
      perClass: [("AP", byLabel(found.perClassAP)), ("AP50", byLabel(found.perClassAP50))],
      classes: classes,
      figures: curves.isEmpty
        ? [] : [.precisionRecall(title: "validation boxes, IoU .50", curves: curves)])
  }
}

extension BoxLabel {
  /// The objects in the form that the evaluation takes: the data set's own annotations, unchanged,
  /// where it has them; otherwise the boxes.
  public var truths: [COCOTruth] {
    annotations.map { $0.map { COCOTruth($0) } } ?? boxes.map { COCOTruth($0) }
  }

  /// The boxes with their scores.
  public var detections: [COCODetection] {
    zip(boxes, scores ?? boxes.map { _ in 1 }).map { COCODetection($0, score: $1) }
  }
}

extension COCOTruth {
  /// An object as the data set's annotation states it.
  public init(_ object: ObjectAnnotation) {
    self.init(
      x: object.x, y: object.y, width: object.width, height: object.height,
      category: object.label, area: object.area, isCrowd: object.isCrowd)
  }
}
