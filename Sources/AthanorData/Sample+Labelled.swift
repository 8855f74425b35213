import AthanorCore
import AthanorVision

extension Sample {
  /// The sample with its labels, checked: boxes are clipped to the image, and dropped where
  /// nothing is left of them, which is counted.
  ///
  /// Errors: throws `ContentError` for a mask or a map of another size than the image, or a mask
  /// value that is neither a class nor 255.
  func labelled(_ labels: Labels, _ classes: DataClasses, _ warnings: WarningLog) throws -> Sample {
    var sample = self
    if let mask = labels.mask {
      sample.mask = try checked(
        mask, classes.masks.count, labels.maskFile ?? labels.file)
    }
    for (map, what) in [(labels.depth, "a depth map"), (labels.normals, "a map of normals")] {
      if let map { try checkSize(of: what, map.width, map.height, labels.file) }
    }
    (sample.depth, sample.normals) = (labels.depth, labels.normals)
    sample.category = labels.category
    for (name, label) in labels.further {
      switch label {
      case .mask(let mask):
        sample.labels[name] = .mask(
          try checked(mask, classes.labels[name]?.names.count ?? 0, labels.file))
      case .depth(let map), .normals(let map), .map(let map):
        try checkSize(of: "a map '\(name)'", map.width, map.height, labels.file)
        sample.labels[name] = label
      case .boxes, .category: sample.labels[name] = label
      }
    }
    for (object, count) in labels.unnamed {
      warnings.note(
        "box left out whose name is no object's: \(object)", in: name, count: count)
    }
    if let boxes = labels.boxes {
      sample.boxes = boxes.inside(
        width: Float(image.width), height: Float(image.height), sample: path(of: labels), warnings)
      sample.annotations = labels.annotations
    }
    if sample.labels.isEmpty {
      warnings.note("image without labels", in: name)
    }
    return sample
  }

  /// A mask of the image's size whose values are classes or 255.
  private func checked(_ mask: Image, _ classes: Int, _ file: String) throws -> Image {
    try checkSize(of: "a mask", mask.width, mask.height, file)
    let limit = UInt8(clamping: classes)
    if let worst = mask.pixels.first(where: { $0 >= limit && $0 != 255 }) {
      throw ContentError(
        path: file,
        expected: "mask values 0…\(Int(limit) - 1) (\(limit) classes) or 255 for ignore",
        received: "\(worst)")
    }
    return mask
  }

  /// The sample's path in warnings: its label file where it has one of its own.
  private func path(of labels: Labels) -> String {
    FileName.stem(of: labels.file) == FileName.last(of: name)
      ? "\(name).\(FileName.kind(of: labels.file))" : name
  }

  private func checkSize(of what: String, _ width: Int, _ height: Int, _ file: String) throws {
    guard width == image.width, height == image.height else {
      throw ContentError(
        path: file, expected: "\(what) of the image's size \(image.width)×\(image.height)",
        received: "\(width)×\(height)")
    }
  }
}

extension [BoundingBox] {
  /// The boxes clipped to an image; those of no area or wholly outside are dropped and counted.
  func inside(
    width: Float, height: Float, sample: String, _ warnings: WarningLog
  ) -> [BoundingBox] {
    var (inside, empty, outside, clipped) = ([BoundingBox](), 0, 0, 0)
    var swapped = 0
    for box in self {
      guard box.x2 >= box.x1, box.y2 >= box.y1 else {
        swapped += 1
        continue
      }
      guard box.x2 > box.x1, box.y2 > box.y1 else {
        empty += 1
        continue
      }
      let inner = box.clipped(width: width, height: height)
      guard inner.x2 > inner.x1, inner.y2 > inner.y1 else {
        outside += 1
        continue
      }
      if inner != box { clipped += 1 }
      inside.append(inner)
    }
    warnings.note("box of swapped corners dropped", in: sample, count: swapped)
    warnings.note("box of zero area dropped", in: sample, count: empty)
    warnings.note("box outside the image dropped", in: sample, count: outside)
    warnings.note("box clipped to the image", in: sample, count: clipped)
    return inside
  }
}
