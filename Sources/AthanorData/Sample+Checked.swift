import AthanorCore
import AthanorVision

extension Sample {
  /// The sample with boxes that lie in the image: clipped to it, and left out where nothing stays.
  ///
  /// `file` is what messages and counted warnings name. Throws `DatasetError` for a mask of another
  /// size than the image, or a mask value that is neither a class nor 255.
  func checked(_ classes: DataClasses, file: String, _ warnings: WarningLog) throws -> Sample {
    var sample = self
    if let mask {
      guard mask.width == image.width, mask.height == image.height else {
        throw DatasetError(
          path: file, expected: "a mask of the image's size \(image.width)×\(image.height)",
          received: "\(mask.width)×\(mask.height)")
      }
      let limit = UInt8(clamping: classes.segmentation.count)
      if let worst = mask.pixels.first(where: { $0 >= limit && $0 != 255 }) {
        throw DatasetError(
          path: file,
          expected: "mask values 0…\(Int(limit) - 1) (\(limit) classes) or 255 for ignore",
          received: "\(worst)")
      }
    }
    if let boxes {
      sample.boxes = boxes.inside(
        width: Float(image.width), height: Float(image.height), file: file, warnings)
    }
    return sample
  }
}

extension [BoundingBox] {
  /// The boxes clipped to an image; those of no area or wholly outside are dropped and counted.
  func inside(width: Float, height: Float, file: String, _ warnings: WarningLog) -> [BoundingBox] {
    var (kept, empty, outside, clipped) = ([BoundingBox](), 0, 0, 0)
    for box in self {
      guard box.x2 > box.x1, box.y2 > box.y1 else {
        empty += 1
        continue
      }
      var inner = box
      inner.x1 = Swift.min(Swift.max(box.x1, 0), width)
      inner.x2 = Swift.min(Swift.max(box.x2, 0), width)
      inner.y1 = Swift.min(Swift.max(box.y1, 0), height)
      inner.y2 = Swift.min(Swift.max(box.y2, 0), height)
      guard inner.x2 > inner.x1, inner.y2 > inner.y1 else {
        outside += 1
        continue
      }
      if inner != box { clipped += 1 }
      kept.append(inner)
    }
    warnings.note("box of zero area dropped", in: file, count: empty)
    warnings.note("box outside the image dropped", in: file, count: outside)
    warnings.note("box clipped to the image", in: file, count: clipped)
    return kept
  }
}
