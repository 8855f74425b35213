import AthanorCore
import AthanorTensor
import AthanorVision

/// Samples as a network takes them.
public struct Batch: Sendable {
  /// `[N,H,W,3]` f32, normalised.
  public var image: Tensor
  /// `[N,H,W]` u8 class indices, 255 to ignore; all 255 where a sample carries no mask.
  public var mask: Tensor
  /// Whether each sample carries a mask with a pixel that counts.
  public var hasMask: [Bool]
  /// `[M,5]` f32: the sample's index in the batch, then x1, y1, x2, y2 in input pixels.
  public var boxes: Tensor
  /// `[M]` i32 labels, from 0 without background.
  public var classes: Tensor
  /// Whether each sample carries boxes; a sample that does may still have none.
  public var hasBoxes: [Bool]
  public var names: [String]
  /// The way back to each original.
  public var geometry: [Geometry]

  public init(
    image: Tensor, mask: Tensor, hasMask: [Bool], boxes: Tensor, classes: Tensor, hasBoxes: [Bool],
    names: [String], geometry: [Geometry]
  ) {
    self.image = image
    self.mask = mask
    self.hasMask = hasMask
    self.boxes = boxes
    self.classes = classes
    self.hasBoxes = hasBoxes
    self.names = names
    self.geometry = geometry
  }

  public var count: Int { names.count }

  /// Brings samples to one size and joins them: images bilinear, masks nearest.
  ///
  /// `originals` are the sizes that `geometry` leads back to, by default the samples' own.
  public init(_ samples: [Sample], _ format: InputFormat, originals: [(Int, Int)]? = nil) {
    let (height, width) = (format.height, format.width)
    image = Tensor(uninitialized: [samples.count, height, width, 3])
    mask = Tensor(uninitialized: [samples.count, height, width], .uint8)
    (hasMask, hasBoxes, names, geometry) = ([], [], [], [])
    var (corners, labels) = ([Float](), [Int32]())
    let table = format.table
    for (n, sample) in samples.enumerated() {
      let place = format.geometry(width: sample.image.width, height: sample.image.height)
      let size = (place.contentWidth, place.contentHeight)
      sample.image.resized(width: size.0, height: size.1, .linear).normalize(
        with: table, into: image.pointer(to: Float.self) + n * height * width * 3,
        width: width, height: height)
      let labelled = sample.mask?.resized(width: size.0, height: size.1, .nearest)
      hasMask.append(
        labelled.place(
          into: mask.pointer(to: UInt8.self) + n * height * width, width: width, height: height))
      for box in sample.boxes ?? [] {
        let inner = place.toInput(box)
        corners += [Float(n), inner.x1, inner.y1, inner.x2, inner.y2]
        labels.append(Int32(box.label))
      }
      hasBoxes.append(sample.boxes != nil)
      names.append(sample.name)
      var back = place
      if let originals { (back.originalWidth, back.originalHeight) = originals[n] }
      geometry.append(back)
    }
    boxes = Tensor(corners, shape: [labels.count, 5])
    classes = Tensor(labels, shape: [labels.count])
  }
}

extension InputFormat {
  /// The normalised value of each byte, for each channel in turn.
  fileprivate var table: [Float] {
    (0..<3).flatMap { channel in
      (0...255).map { (Float($0) / 255 - mean[channel]) / deviation[channel] }
    }
  }
}

extension Image {
  /// Writes the pixels through `table` to the upper left of a row-major `height`×`width`×3 block,
  /// zeros to the rest.
  fileprivate func normalize(
    with table: [Float], into dst: UnsafeMutablePointer<Float>, width: Int, height: Int
  ) {
    precondition(channels == 3, "Batch: an image of \(channels) channels")
    table.withUnsafeBufferPointer { table in
      pixels.withUnsafeBufferPointer { src in
        for y in 0..<self.height {
          let row = dst + y * width * 3
          for x in 0..<self.width {
            let p = 3 * (y * self.width + x)
            row[3 * x] = table[Int(src[p])]
            row[3 * x + 1] = table[256 + Int(src[p + 1])]
            row[3 * x + 2] = table[512 + Int(src[p + 2])]
          }
          (row + 3 * self.width).initialize(repeating: 0, count: 3 * (width - self.width))
        }
      }
    }
    (dst + self.height * width * 3)
      .initialize(repeating: 0, count: (height - self.height) * width * 3)
  }
}

extension Image? {
  /// Writes a mask to the upper left of a block and 255 to the rest; whether any pixel counts.
  fileprivate func place(
    into dst: UnsafeMutablePointer<UInt8>, width: Int, height: Int
  ) -> Bool {
    dst.initialize(repeating: 255, count: width * height)
    guard let mask = self else { return false }
    var counts = false
    mask.pixels.withUnsafeBufferPointer { src in
      for y in 0..<mask.height {
        (dst + y * width).update(from: src.baseAddress! + y * mask.width, count: mask.width)
      }
      counts = src.contains { $0 != 255 }
    }
    return counts
  }
}
