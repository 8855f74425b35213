import AthanorCore
import AthanorVision

/// An object as drawn in a label file: regions, a box, or both.
struct DrawnObject: Sendable {
  var name: String
  /// The regions it covers; empty where only the box is known.
  var outlines: [Outline] = []
  /// x1, y1, x2, y2; nil: the extent of the outlines.
  var box: (Double, Double, Double, Double)?
  var area: Double?
  var isCrowd = false

  /// Replaces a shape that is not read: the pixels around its points, at least one, are unknown.
  static func unread(_ points: [Point]) -> DrawnObject {
    var object = DrawnObject(name: ClassName.unread)
    object.box = Outline.polygon(points).extent.map {
      let (left, top) = ($0.0.rounded(.down), $0.1.rounded(.down))
      return (left, top, max($0.2.rounded(.up), left + 1), max($0.3.rounded(.up), top + 1))
    }
    return object
  }

  /// The box that is given, or else the extent of the regions.
  var corners: (Double, Double, Double, Double)? {
    if let box { return box }
    let extents = outlines.compactMap(\.extent)
    guard let first = extents.first else { return nil }
    return extents.dropFirst().reduce(first) {
      (min($0.0, $1.0), min($0.1, $1.1), max($0.2, $1.2), max($0.3, $1.3))
    }
  }
}

/// The labels of one image.
struct Labels: Sendable {
  var mask: Image?
  var boxes: [BoundingBox]?
  var annotations: [ObjectAnnotation]?
  var depth: DenseMap?
  var normals: DenseMap?
  /// The class of the image.
  var category: Int?
  /// Labels beside the usual ones, by name.
  var further: [String: Label] = [:]
  /// How many boxes were left out for each name that is background or void.
  var unnamed: [String: Int] = [:]
  /// The file of the mask, for messages.
  var maskFile: String?
  /// The file of the boxes, for messages.
  var file: String

  init(
    mask: Image? = nil, boxes: [BoundingBox]? = nil, annotations: [ObjectAnnotation]? = nil,
    depth: DenseMap? = nil, normals: DenseMap? = nil, maskFile: String? = nil, file: String
  ) {
    self.mask = mask
    self.boxes = boxes
    self.annotations = annotations
    self.depth = depth
    self.normals = normals
    self.maskFile = maskFile
    self.file = file
  }

  /// The mask and the boxes of drawn objects, in every layout by the same rules.
  ///
  /// Regions are painted in order, later over earlier, on background, or on 255 where the classes
  /// have none. The pixels of a box without a region are unknown: 255 where no other object is
  /// drawn. Void is painted 255 and background as background, both without a box, which is counted,
  /// as are classes that are not wanted. Crowds are painted without a box.
  ///
  /// - Parameters:
  ///   - paints: Whether the data set has masks.
  ///   - keepsAll: Includes annotations without area too, which COCO's evaluation counts.
  init(
    of objects: [DrawnObject], width: Int, height: Int, _ table: ClassTable, paints: Bool,
    keepsAll: Bool = false, file: String
  ) {
    let unpainted = table.maskValue(of: "background")
    var mask =
      paints ? Image(width: width, height: height, channels: 1, filledWith: unpainted) : nil
    var (boxes, annotations) = ([BoundingBox](), [ObjectAnnotation]())
    var unnamed: [String: Int] = [:]
    for object in objects where object.box != nil && object.name != ClassName.unread {
      guard ClassName.isBackground(object.name) || ClassName.isVoid(object.name) else { continue }
      unnamed[object.name, default: 0] += 1
    }
    if paints {
      for object in objects where object.outlines.isEmpty {
        guard let c = object.corners, !ClassName.isBackground(object.name) else { continue }
        mask?.fill(
          .polygon([
            Point(x: c.0, y: c.1), Point(x: c.2, y: c.1), Point(x: c.2, y: c.3),
            Point(x: c.0, y: c.3),
          ]), with: 255)
      }
    }
    for object in objects {
      for outline in object.outlines { mask?.fill(outline, with: table.maskValue(of: object.name)) }
      guard let label = table.boxLabel(of: object.name), let c = object.corners else { continue }
      if keepsAll || (c.2 > c.0 && c.3 > c.1) {
        annotations.append(
          ObjectAnnotation(
            x: c.0, y: c.1, width: c.2 - c.0, height: c.3 - c.1, label: label, area: object.area,
            isCrowd: object.isCrowd, outlines: object.outlines))
      }
      guard !object.isCrowd else { continue }
      boxes.append(
        BoundingBox(
          x1: Float(c.0), y1: Float(c.1), x2: Float(c.2), y2: Float(c.3), label: label))
    }
    self.init(mask: mask, boxes: boxes, annotations: annotations, file: file)
    self.unnamed = unnamed
  }
}
