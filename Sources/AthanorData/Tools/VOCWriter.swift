import AthanorCore
import AthanorVision

/// Writes samples in Pascal VOC's layout, masks colour-coded with a `labelmap.txt` beside them.
///
/// `JPEGImages/*.jpg`, `SegmentationClass/*.png` (RGB), `Annotations/*.xml`, and the lists of the
/// splits in `ImageSets/Main` and, of the samples with a mask, in `ImageSets/Segmentation`.
struct VOCWriter: Sendable {
  let path: String
  let classes: DataClasses
  /// The colour of each mask value; 255 is VOC's border colour.
  private let table: [UInt8]

  /// Prepares the folder. `kind` names the tool; see `OutputFolder`.
  init(_ path: String, _ classes: DataClasses, kind: String) throws {
    self.path = path
    self.classes = classes
    let colors = classes.palette.prefix(3 * 255)
    table =
      colors + [UInt8](repeating: 0, count: 3 * 255 - colors.count) + [224, 224, 192]
    try OutputFolder.prepare(path, kind: kind)
    var folders = ["JPEGImages", "ImageSets/Main"]
    if !classes.detection.isEmpty { folders.append("Annotations") }
    if !classes.segmentation.isEmpty { folders += ["SegmentationClass", "ImageSets/Segmentation"] }
    for folder in folders { try makeFolder("\(path)/\(folder)") }
    // The label map also keeps the order of the classes, so it is written for boxes alone too.
    var names = classes.segmentation
    if names.isEmpty { names = ["background"] + classes.detection }
    let map = LabelMap(names: names, colors: Array(classes.palette.prefix(3 * names.count)))
    try AtomicFile.write(map.text, to: "\(path)/labelmap.txt")
  }

  /// Writes the samples of a split, all CPUs busy, and then its lists.
  func write(
    _ split: Split, count: Int, _ progress: ProgressCounter,
    sample: @Sendable (Int) throws -> Sample
  ) throws {
    let written = try concurrently(Array(0..<count)) { index in
      let sample = try sample(index)
      try write(sample)
      progress.advance()
      return (name: sample.name, hasMask: sample.mask != nil)
    }
    let names = written.map { $0.name + "\n" }.joined()
    try AtomicFile.write(names, to: "\(path)/ImageSets/Main/\(split).txt")
    guard !classes.segmentation.isEmpty else { return }
    let masked = written.filter(\.hasMask).map { $0.name + "\n" }.joined()
    try AtomicFile.write(masked, to: "\(path)/ImageSets/Segmentation/\(split).txt")
  }

  private func write(_ sample: Sample) throws {
    let name = sample.name
    try sample.image.write(to: "\(path)/JPEGImages/\(name).jpg")
    if let mask = sample.mask {
      try mask.colored(palette: table).write(to: "\(path)/SegmentationClass/\(name).png")
    }
    if let boxes = sample.boxes {
      let text = VOCAnnotation.text(
        name: name, file: "\(name).jpg", width: sample.image.width, height: sample.image.height,
        hasMask: sample.mask != nil, boxes: boxes, classes: classes.detection)
      try AtomicFile.write(text, to: "\(path)/Annotations/\(name).xml")
    }
  }
}
