import AthanorCore
import AthanorVision

/// Plain folders by split: `images/train/x.jpg`, `masks/train/x.png` (gray PNG of class indices,
/// 255 to ignore) and, where there are boxes, `annotations/train/x.xml` in Pascal VOC's form.
///
/// `class_names.txt` names the mask values, one per line; `classes.txt` the boxes' classes where
/// they are not the same. The data set's own colours are not written.
public struct FolderWriter: DatasetWriter {
  public static let name = "folder"
  public static let summary = "images/, masks/ (gray PNG of class indices) and VOC XML, by split"

  private let folder: String
  private let classes: DataClasses

  public init(_ folder: String, _ classes: DataClasses, _ splits: [Split]) throws {
    (self.folder, self.classes) = (folder, classes)
    // Every split has its folders, even empty ones, so that no split is paired with
    // another's labels.
    for split in splits {
      try makeFolder("\(folder)/images/\(split)")
      if !classes.masks.isEmpty { try makeFolder("\(folder)/masks/\(split)") }
      if !classes.boxes.isEmpty { try makeFolder("\(folder)/annotations/\(split)") }
    }
    if !classes.masks.isEmpty {
      let path = "\(folder)/class_names.txt"
      try Self.writeList(classes.masks, to: path)
      let read = try MaskNaming.IndexNames.find(in: DataTree(folder))?.names ?? [:]
      for (value, name) in classes.masks.enumerated() where read[value] != name {
        throw ContentError(
          path: "class_names.txt", expected: "names that do not look numbered",
          received: "'\(name)'")
      }
    }
    let listed = classes.masks.filter {
      !ClassName.isBackground($0) && !ClassName.isVoid($0)
    }
    if !classes.boxes.isEmpty, classes.boxes != listed {
      try Self.writeList(classes.boxes, to: "\(folder)/classes.txt")
    }
  }

  public func write(_ outgoing: OutgoingSample) throws {
    let sample = outgoing.sample
    let inner = "\(outgoing.split)/\(outgoing.name)"
    try outgoing.writeImage(in: "\(folder)/images/\(outgoing.split)")
    if let mask = sample.mask {
      let path = "\(folder)/masks/\(inner).png"
      try makeFolder(FileName.parent(of: path))
      try mask.write(to: path)
    }
    if let boxes = sample.boxes {
      let path = "\(folder)/annotations/\(inner).xml"
      try makeFolder(FileName.parent(of: path))
      let text = VOCAnnotation.text(
        folder: "images/\(outgoing.split)", file: outgoing.imageName, width: sample.image.width,
        height: sample.image.height, hasMask: sample.mask != nil, boxes: boxes,
        classes: classes.boxes)
      try AtomicFile.write(text, to: path)
    }
  }

  public func finish() {}
}
