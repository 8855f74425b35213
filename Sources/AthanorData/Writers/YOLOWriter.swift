import AthanorCore
import AthanorVision

/// YOLO's labels: `images/train/`, `labels/train/x.txt` and `data.yaml`; a box is `class x y w h`,
/// a region of one polygon `class x1 y1 x2 y2 …`.
///
/// Masks that are not painted by one polygon per object, pixels to ignore, and images without
/// labels among labelled ones are refused.
public struct YOLOWriter: DatasetWriter {
  public static let name = "yolo"
  public static let summary = "YOLO text labels: boxes, or a polygon an object; data.yaml"

  private let folder: String
  private let splits: [Split]
  private let labels: DrawnLabels
  private let written = Numbered<Written>()

  private struct Written: Sendable {
    var split: Split
    var name: String
    var isLabelled: Bool
    var hasPolygons = false
  }

  public init(_ folder: String, _ classes: DataClasses, _ splits: [Split]) throws {
    (self.folder, self.splits) = (folder, splits)
    labels = try DrawnLabels(classes, Self.self)
    for split in splits {
      try makeFolder("\(folder)/images/\(split)")
      try makeFolder("\(folder)/labels/\(split)")
    }
  }

  public func write(_ outgoing: OutgoingSample) throws {
    let (sample, name, split) = (outgoing.sample, outgoing.name, outgoing.split)
    try outgoing.writeImage(in: "\(folder)/images/\(split)")
    guard sample.boxes != nil || sample.mask != nil else {
      return written.add(Written(split: split, name: name, isLabelled: false), outgoing.number)
    }
    let (width, height) = (sample.image.width, sample.image.height)
    let objects: [DrawnObject]
    do {
      objects = try labels.objects(of: sample, ignores: false) { object in
        try YOLOLayout.object(
          line(of: object, width, height)[...], labels.classes.boxes, width: width,
          height: height, "")
      }
    } catch let error as DrawnLabels.Unrepresentable {
      throw Self.refusal(
        name, holds: "boxes, or masks that are painted by one polygon an object",
        received: error.reason,
        keptBy: "voc and folder keep it; --labels boxes writes the boxes alone")
    }
    let path = "\(folder)/labels/\(split)/\(name).txt"
    try makeFolder(FileName.parent(of: path))
    try AtomicFile.write(
      try objects.map { try line(of: $0, width, height) + "\n" }.joined(), to: path)
    written.add(
      Written(
        split: split, name: name, isLabelled: true,
        hasPolygons: objects.contains { !$0.outlines.isEmpty }), outgoing.number)
  }

  /// Errors: throws `Unrepresentable` for an object of several regions, or of one that is not
  /// a polygon.
  private func line(of object: DrawnObject, _ width: Int, _ height: Int) throws -> String {
    let label = try labels.label(of: object)
    var numbers: [String]
    if let outline = object.outlines.first {
      guard object.outlines.count == 1, case .polygon(let points) = outline, points.count > 2 else {
        throw DrawnLabels.Unrepresentable(
          reason: "the region of '\(object.name)', which is no single polygon")
      }
      numbers = points.flatMap { [share($0.x, of: width), share($0.y, of: height)] }
    } else {
      let c = object.corners ?? (0, 0, 0, 0)
      let (x, w) = span(c.0, c.2, of: width)
      let (y, h) = span(c.1, c.3, of: height)
      numbers = [x, y, w, h]
    }
    return "\(label) " + numbers.joined(separator: " ")
  }

  /// A relative coordinate that is read back exactly, where there is one.
  private func share(_ value: Double, of size: Int) -> String {
    let share = value / Double(size)
    let exact = [share, share.nextUp, share.nextDown].first { $0 * Double(size) == value }
    return "\(exact ?? share)"
  }

  /// Relative centre and size, in the fewest digits from which both ends are read back as floats.
  private func span(_ low: Double, _ high: Double, of size: Int) -> (String, String) {
    let size = Double(size)
    let (center, extent) = ((low + high) / 2 / size, (high - low) / size)
    for scale in [1e6, 1e8, 1e10, 1e12] {
      let (c, e) = ((center * scale).rounded() / scale, (extent * scale).rounded() / scale)
      if Float((c - e / 2) * size) == Float(low), Float((c + e / 2) * size) == Float(high) {
        return ("\(c)", "\(e)")
      }
    }
    return ("\(center)", "\(extent)")
  }

  public func finish() throws {
    let written = written.values
    for split in splits {
      let own = written.filter { $0.split == split }
      if own.contains(where: \.isLabelled), let bare = own.first(where: { !$0.isLabelled }) {
        throw Self.refusal(
          bare.name, holds: "a label file for each image, or none",
          received: "an image without labels, which would be read as one without objects")
      }
    }
    if labels.paints, !written.contains(where: \.hasPolygons), let first = written.first {
      throw Self.refusal(
        first.name, holds: "masks where there is a polygon", received: "masks without any object")
    }
    var text = splits.map { "\($0): images/\($0)\n" }.joined()
    text += "nc: \(labels.classes.boxes.count)\n"
    text += "names: \(JSON.array(labels.classes.boxes.map { .string($0) }).compact)\n"
    try AtomicFile.write(text, to: "\(folder)/data.yaml")
  }
}
