import AthanorCore
import AthanorData
import AthanorVision

/// A sample with its labels drawn, small enough for a page of many.
struct SamplePicture: Sendable {
  /// Pixels of the longer side.
  static let side = 288
  /// Names stand at boxes where they do not hide them.
  private static let mostCaptions = 8

  /// Which part of the inspection, and which sample of it.
  var part: Int
  var index: Int
  var image: Image

  /// Draws chosen samples, all CPUs busy; one that cannot be read any more is left out.
  static func draw(
    _ chosen: [(part: Int, index: Int)], of inspection: DataInspection
  ) throws -> [SamplePicture] {
    try concurrently(chosen) { place in
      let dataset = inspection.parts[place.part].dataset
      guard let image = image(of: dataset, place.index) else { return nil }
      return SamplePicture(part: place.part, index: place.index, image: image)
    }.compactMap(\.self)
  }

  /// Of a damaged sample the image alone, where that can be read.
  private static func image(of dataset: any Dataset, _ index: Int) -> Image? {
    if let sample = try? dataset.sample(at: index) { return picture(sample, dataset.classes) }
    guard let file = dataset.file(at: index), let image = try? Image(contentsOf: file, as: .color)
    else { return nil }
    return Sample(name: "", image: image).fitted(to: side).image
  }

  /// The image with its mask and boxes; depth and normals beside it.
  static func picture(_ sample: Sample, _ classes: DataClasses) -> Image {
    let small = sample.fitted(to: side)
    let names = (small.boxes ?? []).count <= mostCaptions
    let hasBackground = classes.segmentation.first.map(ClassName.isBackground) ?? true
    let picture = small.picture(
      palette: classes.palette, clear: hasBackground ? [0] : [],
      caption: { names ? classes.detection[$0.label] : nil },
      color: { classes.boxColor($0.label) })
    let maps = [sample.depth, sample.normals].compactMap(\.self).map {
      $0.picture(width: picture.width, height: picture.height)
    }
    guard !maps.isEmpty else { return picture }
    var row = Image(
      width: picture.width * (1 + maps.count), height: picture.height, channels: 3)
    for (place, image) in ([picture] + maps).enumerated() {
      row.paste(image, x: place * picture.width, y: 0)
    }
    return row
  }

  /// A split's samples for its sheet: readable ones, by the seed, in their order.
  static func chosen(
    of inspection: DataInspection, part: Int, count: Int, seed: Int
  ) -> [(part: Int, index: Int)] {
    let facts = inspection.parts[part].facts
    let readable = facts.indices.filter { facts[$0] != nil }
    var generator = Generator(seed, 0x5ee7, part)
    return generator.permutation(readable.count).prefix(count).map { readable[$0] }.sorted()
      .map { (part, $0) }
  }
}

extension Sample {
  /// The sample with its longer side at `side` pixels: boxes and mask with it, depth and normals
  /// not.
  fileprivate func fitted(to side: Int) -> Sample {
    let longer = max(image.width, image.height)
    guard longer > side else {
      return 2 * longer > side ? self : enlarged(to: side)
    }
    let scale = Double(side) / Double(longer)
    let width = max(1, Int((Double(image.width) * scale).rounded()))
    let height = max(1, Int((Double(image.height) * scale).rounded()))
    let (x, y) = (Float(width) / Float(image.width), Float(height) / Float(image.height))
    return Sample(
      name: name, image: image.resized(width: width, height: height, .area),
      mask: mask?.resized(width: width, height: height, .nearest),
      boxes: boxes?.map {
        BoundingBox(x1: $0.x1 * x, y1: $0.y1 * y, x2: $0.x2 * x, y2: $0.y2 * y, label: $0.label)
      })
  }
}

extension DenseMap {
  /// A picture of another size: depth from light (near) to dark, normals as colours, black where
  /// there is no value.
  fileprivate func picture(width: Int, height: Int) -> Image {
    let valid = values.filter { $0.isFinite && $0 > 0 }
    let (near, far) = (valid.min() ?? 0, valid.max() ?? 1)
    var picture = Image(width: width, height: height, channels: 3)
    for y in 0..<height {
      for x in 0..<width {
        let from = channels * (y * self.height / height * self.width + x * self.width / width)
        let to = 3 * (y * width + x)
        let value = (0..<channels).map { values[from + $0] }
        guard value.allSatisfy(\.isFinite), value.contains(where: { $0 != 0 }) else { continue }
        for c in 0..<3 {
          let shade =
            channels == 3
            ? (value[c] + 1) / 2
            : 1 - 0.85 * (value[0] - near) / max(far - near, .leastNormalMagnitude)
          picture.pixels[to + c] = UInt8(min(max(shade, 0), 1) * 255)
        }
      }
    }
    return picture
  }
}
