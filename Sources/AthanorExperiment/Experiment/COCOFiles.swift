import AthanorCore
import AthanorData
import AthanorMetrics
import AthanorTasks
import AthanorTraining

/// The detections of a box task on a data set, and the truth, as COCO files: with the data set's
/// ids, and with exactly the numbers that the evaluation used.
struct COCOFiles {
  private let task: RunTask
  /// The classes of the data set.
  private let classes: LabelClasses
  /// Whether the data set's ids are distinct for all images.
  private let hasIDs: Bool
  private var found: [(image: COCOIdentifier, detection: COCODetection)] = []
  private var images: [JSON] = []
  private var annotations: [JSON] = []

  init(_ task: RunTask, _ dataset: any Dataset) {
    self.task = task
    classes = dataset.classes.labels[task.label] ?? task.classes
    hasIDs = Set((0..<dataset.count).map(dataset.id(at:))).count == dataset.count
  }

  mutating func add(_ result: Evaluator.Result) {
    // An image without box labels cannot be evaluated.
    guard let truths = result.sample.labels[task.label]?.boxes?.truths,
      let detections = result.prediction[task.name]?.boxes?.detections
    else { return }
    let id = hasIDs ? result.id : .number(images.count + 1)
    let image = result.sample.image
    images.append([
      "id": id.json, "file_name": .string(result.sample.name), "width": .integer(image.width),
      "height": .integer(image.height),
    ])
    for truth in truths {
      annotations.append([
        "id": .integer(annotations.count + 1), "image_id": id.json,
        "category_id": classes.categoryIDs[truth.category].json,
        "bbox": .array([truth.x, truth.y, truth.width, truth.height].map { .number($0) }),
        "area": .number(truth.area), "iscrowd": .integer(truth.isCrowd ? 1 : 0),
      ])
    }
    found += detections.map { (id, $0) }
  }

  /// `detections.json` and `truth.json`, preceded by the task's name where it differs from its
  /// type's.
  static func names(_ task: RunTask) -> [String] {
    ["detections.json", "truth.json"].map(task.named.fileName)
  }

  /// Writes both files. Throws `FileError`.
  func write(to folder: String) throws {
    try makeFolder(folder)
    let names = Self.names(task)
    try AtomicFile.write(to: "\(folder)/\(names[0])") { file in
      for (number, (image, detection)) in found.enumerated() {
        let entry = detection.json(
          image: image, category: classes.categoryIDs[detection.category])
        try file.append(Array(((number == 0 ? "[" : ",\n") + entry.compact).utf8))
      }
      try file.append(Array((found.isEmpty ? "[]\n" : "]\n").utf8))
    }
    let truth: JSON = [
      "images": .array(images), "annotations": .array(annotations),
      "categories": .array(
        zip(classes.names, classes.categoryIDs).map {
          ["id": $1.json, "name": .string($0)]
        }),
    ]
    try AtomicFile.write(truth.compact + "\n", to: "\(folder)/\(names[1])")
  }
}

extension COCODetection {
  /// One entry of COCO's results format; its numbers are read back exactly.
  func json(image: COCOIdentifier, category: COCOIdentifier) -> JSON {
    [
      "image_id": image.json, "category_id": category.json,
      "bbox": .array([x, y, width, height].map { .number($0) }), "score": .number(score),
    ]
  }
}
