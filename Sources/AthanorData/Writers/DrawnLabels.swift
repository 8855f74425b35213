import AthanorCore
import AthanorVision

/// Samples for label files of drawn objects: one object after the other, masks painted by the
/// objects' regions.
///
/// The labels are always read back exactly; a sample for which no such objects exist is refused.
struct DrawnLabels: Sendable {
  /// The reason why labels cannot be written as drawn objects.
  struct Unrepresentable: Error { var reason: String }

  let classes: DataClasses
  /// Whether the data set has masks.
  let paints: Bool
  private let table: ClassTable

  /// The name of a region to ignore, as in labelme.
  static let ignore = "__ignore__"

  /// Errors: throws `ContentError` for masks whose classes are not the background and the boxes'.
  init(_ classes: DataClasses, _ writer: any DatasetWriter.Type) throws {
    self.classes = classes
    paints = !classes.masks.isEmpty
    let foreground = classes.masks.dropFirst()
    table = try ClassTable(
      FoundClasses(masks: classes.masks, boxes: classes.boxes, file: writer.name),
      wanted: [], WarningLog())
    let isOneList =
      classes.masks.first.map(ClassName.isBackground) == true
      && Array(foreground) == classes.boxes
    guard !paints || isOneList, table.classes.boxes == classes.boxes else {
      let (masks, boxes) = (classes.masks, classes.boxes)
      throw ContentError(
        path: writer.name,
        expected: "masks whose classes are the background and those of the boxes",
        received: "masks of \(masks.joined(separator: ", ")); boxes of "
          + (boxes.isEmpty ? "nothing" : boxes.joined(separator: ", "))
          + " (voc and folder keep both; --labels boxes writes the boxes alone)")
    }
  }

  /// The objects of a sample.
  ///
  /// Its own annotations where they reproduce its labels; otherwise its boxes, each with the pixels
  /// of its class inside it.
  ///
  /// - Parameters:
  ///   - ignores: Whether the format has regions to ignore.
  ///   - asRead: Returns an object as it will be read back. Throws `Unrepresentable`.
  ///
  /// Errors: throws `Unrepresentable` where no objects reproduce the labels.
  func objects(
    of sample: Sample, ignores: Bool, asRead: (DrawnObject) throws -> DrawnObject
  ) throws -> [DrawnObject] {
    guard sample.boxes != nil else {
      throw Unrepresentable(
        reason: sample.mask == nil
          ? "an image without labels, which would be read as one without objects"
          : "a mask without boxes")
    }
    guard (sample.mask != nil) == paints else {
      throw Unrepresentable(reason: "boxes without a mask, in a set with masks")
    }
    var reason: (any Error)?
    for candidate in [
      annotated(sample, ignores: false), annotated(sample, ignores: ignores),
      boxed(sample, ignores: ignores),
    ].compactMap({ $0 }) {
      do {
        if gives(try candidate.map(asRead), sample) { return candidate }
      } catch {
        reason = reason ?? error
      }
    }
    if !ignores, sample.mask?.pixels.contains(255) == true {
      throw Unrepresentable(reason: "pixels to ignore (255)")
    }
    throw reason ?? Unrepresentable(reason: "a mask or boxes that no drawn objects give exactly")
  }

  /// The box label of an object.
  ///
  /// Errors: throws `Unrepresentable` for a class that boxes do not have.
  func label(of object: DrawnObject) throws -> Int {
    guard let label = classes.boxes.firstIndex(of: object.name) else {
      throw Unrepresentable(reason: "an object of '\(object.name)', which is no class of boxes")
    }
    return label
  }

  /// Whether reading the objects gives the labels of the sample.
  private func gives(_ objects: [DrawnObject], _ sample: Sample) -> Bool {
    let (width, height) = (sample.image.width, sample.image.height)
    let labels = Labels(of: objects, width: width, height: height, table, paints: paints, file: "")
    let boxes = labels.boxes?.inside(
      width: Float(width), height: Float(height), sample: "", WarningLog())
    return labels.mask == sample.mask && boxes == sample.boxes
  }

  /// The objects that the data set annotates; nil where there are none.
  private func annotated(_ sample: Sample, ignores: Bool) -> [DrawnObject]? {
    guard let annotations = sample.annotations else { return nil }
    let objects = annotations.map { annotation in
      DrawnObject(
        name: classes.boxes[annotation.label], outlines: paints ? annotation.outlines : [],
        box: (
          annotation.x, annotation.y, annotation.x + annotation.width,
          annotation.y + annotation.height
        ), area: annotation.area, isCrowd: annotation.isCrowd)
    }
    return ignores ? withIgnored(objects, sample) : objects
  }

  /// The boxes of the sample as objects, where it has a mask with the pixels of their classes.
  private func boxed(_ sample: Sample, ignores: Bool) -> [DrawnObject] {
    let objects = (sample.boxes ?? []).map { box in
      DrawnObject(
        name: classes.boxes[box.label],
        outlines: sample.mask.map { [region(of: box, in: $0)] } ?? [],
        box: (Double(box.x1), Double(box.y1), Double(box.x2), Double(box.y2)))
    }
    return ignores ? withIgnored(objects, sample) : objects
  }

  /// The pixels of a box's class inside it.
  private func region(of box: BoundingBox, in mask: Image) -> Outline {
    let (left, top) = (Int(box.x1), Int(box.y1))
    let right = min(mask.width, max(left + 1, Int(box.x2.rounded(.up))))
    let bottom = min(mask.height, max(top + 1, Int(box.y2.rounded(.up))))
    var bitmap = Image(width: right - left, height: bottom - top, channels: 1)
    let value = table.maskValue(of: classes.boxes[box.label])
    for y in top..<bottom {
      for x in left..<right where mask.pixels[y * mask.width + x] == value {
        bitmap.pixels[(y - top) * bitmap.width + x - left] = 1
      }
    }
    return .bitmap(bitmap, x: left, y: top)
  }

  /// The objects followed by a region of the remaining pixels to ignore.
  private func withIgnored(_ objects: [DrawnObject], _ sample: Sample) -> [DrawnObject] {
    guard let mask = sample.mask, mask.pixels.contains(255) else { return objects }
    let painted = Labels(
      of: objects, width: mask.width, height: mask.height, table, paints: true, file: "")
    var bitmap = Image(width: mask.width, height: mask.height, channels: 1)
    for (i, value) in mask.pixels.enumerated() where value == 255 {
      bitmap.pixels[i] = painted.mask!.pixels[i] == 255 ? 0 : 1
    }
    return objects + [DrawnObject(name: Self.ignore, outlines: [.bitmap(bitmap, x: 0, y: 0)])]
  }
}

extension [Outline] {
  /// The pixels that the outlines cover, as one bitmap of the image's size.
  func bitmap(width: Int, height: Int) -> Image {
    var bitmap = Image(width: width, height: height, channels: 1)
    for outline in self { bitmap.fill(outline, with: 1) }
    return bitmap
  }
}
