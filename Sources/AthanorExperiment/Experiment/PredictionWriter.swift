import AthanorCore
import AthanorData
import AthanorMetrics
import AthanorTasks
import AthanorTraining
import AthanorVision

/// Writes a task's predictions in the form that fits its kind of label.
struct PredictionWriter {
  private let task: RunTask
  private let files: ListedImages
  private let folder: String
  /// The ids of images and categories in COCO files; nil for a task without boxes.
  private let ids: ImageIDs?
  private var listed: [JSON] = []

  /// `data` are the run's own; `warn` receives what readers must know.
  init(
    _ task: RunTask, _ files: ListedImages, _ data: Selection, truth: String?, to folder: String,
    warn: (String) -> Void
  ) throws {
    (self.task, self.files, self.folder) = (task, files, folder)
    guard task.labelKind == .boxes else {
      ids = nil
      return
    }
    ids =
      try truth.map { try ImageIDs(files, truth: $0, task.classes) }
      ?? ImageIDs(files, data, task.classes) { warn("\($0); --truth gives their ids") }
    if let truth, let ids {
      for (name, id) in zip(task.classes.names, ids.categories) where id == nil {
        warn("\(truth) has no category '\(name)': its boxes are left out")
      }
    }
  }

  /// The files that are written for images with these names.
  func names(_ images: [String]) -> [String] {
    listName.map { [$0] } ?? images.flatMap { image in suffixes.map { "\(image)_\($0)" } }
  }

  /// The single file for all images, for labels that are lists.
  private var listName: String? {
    switch task.labelKind {
    case .boxes: task.named.fileName("detections.json")
    case .category: task.named.fileName("classes.json")
    default: nil
    }
  }

  private var suffixes: [String] {
    task.labelKind == .mask
      ? ["\(task.outputName).png"] : ["\(task.outputName).npy", "\(task.outputName).png"]
  }

  mutating func add(_ label: Label, image: Int) throws {
    let name = files.names[image]
    switch label {
    case .mask(let mask): try mask.write(to: "\(folder)/\(name)_\(suffixes[0])")
    case .depth(let map), .normals(let map), .map(let map):
      let shape = [map.height, map.width] + (map.channels == 1 ? [] : [map.channels])
      try NumPyFile.write(
        NumericArray(map.values, shape: shape), to: "\(folder)/\(name)_\(suffixes[0])")
      try map.picture(of: label.kind).write(to: "\(folder)/\(name)_\(suffixes[1])")
    case .boxes(let found):
      guard let ids else { return }
      for detection in found.detections {
        guard let category = ids.categories[detection.category] else { continue }
        listed.append(detection.json(image: ids.images[image], category: category))
      }
    case .category(let found):
      let order = (found.scores ?? []).indices.sorted {
        (found.scores![$1], $0) < (found.scores![$0], $1)
      }
      listed.append([
        "image": .string(name), "class": .string(task.classes.names[found.index]),
        "scores": .object(
          order.prefix(5).map {
            .init(task.classes.names[$0], .number(Double(found.scores![$0])))
          }),
      ])
    }
  }

  func finish() throws {
    guard let listName else { return }
    try AtomicFile.write(JSON.array(listed).compact + "\n", to: "\(folder)/\(listName)")
  }
}
