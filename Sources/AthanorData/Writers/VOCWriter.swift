import AthanorCore
import AthanorVision

/// Pascal VOC's layout: images in `JPEGImages/`, boxes as XML in `Annotations/`, masks as palette
/// PNG of class indices in `SegmentationClass/`, lists of the splits in `ImageSets/`.
///
/// `labelmap.txt` names the mask values and their colours; `classes.txt` the boxes' classes where
/// they are not the same. Unlabelled samples have no XML file, samples without objects one
/// without boxes.
public struct VOCWriter: DatasetWriter {
  public static let name = "voc"
  public static let summary = "Pascal VOC: boxes as XML, masks as palette PNG of class indices"

  private let folder: String
  private let classes: DataClasses
  private let splits: [Split]
  private let palette: [UInt8]
  private let written = Numbered<(split: Split, name: String, hasMask: Bool)>()

  public init(_ folder: String, _ classes: DataClasses, _ splits: [Split]) throws {
    (self.folder, self.classes, self.splits) = (folder, classes, splits)
    var parts = ["JPEGImages", "ImageSets/Main"]
    if !classes.boxes.isEmpty { parts.append("Annotations") }
    if !classes.masks.isEmpty { parts += ["SegmentationClass", "ImageSets/Segmentation"] }
    for part in parts { try makeFolder("\(folder)/\(part)") }
    // The table also stores the order of the boxes' classes, so it is written without masks too.
    let names =
      classes.masks.isEmpty ? ["background"] + classes.boxes : classes.masks
    let colors = classes.distinctColors(names.count)
    palette = Self.palette(colors)
    let path = "\(folder)/labelmap.txt"
    try AtomicFile.write(LabelMap(names: names, colors: colors).text, to: path)
    let read = try LabelMap(contentsOf: path).names
    guard read == names else {
      let lost = zip(names, read + names).first { $0 != $1 }?.0 ?? ""
      throw ContentError(
        path: "labelmap.txt", expected: "class names without ':' that do not begin with '#'",
        received: "'\(lost)'")
    }
    let listed = names.filter { !ClassName.isBackground($0) && !ClassName.isVoid($0) }
    if !classes.boxes.isEmpty, classes.boxes != listed {
      try Self.writeList(classes.boxes, to: "\(folder)/classes.txt")
    }
  }

  /// The colours of all 256 mask values; 255 has VOC's border colour, or black where a class has
  /// it.
  private static func palette(_ colors: [UInt8]) -> [UInt8] {
    let border: [UInt8] = [224, 224, 192]
    let isTaken = stride(from: 0, to: colors.count, by: 3).contains {
      Array(colors[$0..<($0 + 3)]) == border
    }
    return colors + [UInt8](repeating: 0, count: 3 * 255 - colors.count)
      + (isTaken ? [0, 0, 0] : border)
  }

  public func write(_ outgoing: OutgoingSample) throws {
    let (sample, name) = (outgoing.sample, outgoing.name)
    try outgoing.writeImage(in: "\(folder)/JPEGImages")
    if let mask = sample.mask {
      let path = "\(folder)/SegmentationClass/\(name).png"
      try makeFolder(FileName.parent(of: path))
      try mask.write(to: path, palette: palette)
    }
    if let boxes = sample.boxes {
      let path = "\(folder)/Annotations/\(name).xml"
      try makeFolder(FileName.parent(of: path))
      let text = VOCAnnotation.text(
        folder: "JPEGImages", file: outgoing.imageName, width: sample.image.width,
        height: sample.image.height, hasMask: sample.mask != nil, boxes: boxes,
        classes: classes.boxes)
      try AtomicFile.write(text, to: path)
    }
    written.add((outgoing.split, name, sample.mask != nil), outgoing.number)
  }

  public func finish() throws {
    let written = written.values
    for split in splits {
      let own = written.filter { $0.split == split }
      try Self.writeNames(own.map(\.name), to: "\(folder)/ImageSets/Main/\(split).txt")
      if !classes.masks.isEmpty {
        try Self.writeNames(
          own.filter(\.hasMask).map(\.name), to: "\(folder)/ImageSets/Segmentation/\(split).txt")
      }
    }
  }

  /// Errors: throws `ContentError` for a name that could not be read back from a list.
  private static func writeNames(_ names: [String], to path: String) throws {
    try AtomicFile.write(names.map { $0 + "\n" }.joined(), to: path)
    // A comment that is a name is read as the name.
    let read = try TextFile.lines(of: path) { _ in true }
    guard read == names else {
      let lost = zip(names, read + names).first { $0 != $1 }?.0 ?? ""
      throw refusal(
        lost, holds: "names that are a line of a list each", received: "'\(lost)'",
        keptBy: "folder keeps it")
    }
  }
}

extension DataClasses {
  /// Distinct colours for this many mask values: the data set's own, or VOC's.
  func distinctColors(_ count: Int) -> [UInt8] {
    let own = Array(palette.prefix(3 * count))
    let different = Set(stride(from: 0, to: own.count - 2, by: 3).map { Array(own[$0..<($0 + 3)]) })
    return different.count == count ? own : Array(Colors.voc.prefix(3 * count))
  }
}
