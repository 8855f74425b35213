import AthanorCore

/// The samples of an image file as stored, neither scaled nor coloured, for reading labels.
struct StoredImage {
  enum Samples {
    /// Samples of up to 8 bits, one byte each.
    case bytes([UInt8])
    case words([UInt16])
  }

  let kind: ImageKind
  let width: Int
  let height: Int
  /// 1 (gray or palette indices), 2 (gray with alpha), 3 (RGB) or 4 (RGBA).
  let channels: Int
  let samples: Samples
  /// RGB triples, where the samples are indices into it.
  let palette: [UInt8]?
  let orientation: Int

  /// Decodes a file of a lossless kind; JPEG and lossy WebP throw.
  init(encoded bytes: [UInt8], name: String, pixelLimit: Int) throws {
    switch try ImageKind(bytes, size: bytes.count, name: name) {
    case .png: self = try storedPNG(bytes, name: name, pixelLimit: pixelLimit)
    case .bmp: self = try storedBMP(bytes, name: name, pixelLimit: pixelLimit)
    case .tiff: self = try storedTIFF(bytes, name: name, pixelLimit: pixelLimit)
    case .webp: self = try storedWebP(bytes, name: name, pixelLimit: pixelLimit)
    case .jpeg: throw lossyLabel("a JPEG", name)
    }
  }

  init(
    kind: ImageKind, width: Int, height: Int, channels: Int, samples: Samples,
    palette: [UInt8]? = nil, orientation: Int = 1
  ) {
    self.kind = kind
    self.width = width
    self.height = height
    self.channels = channels
    self.samples = samples
    self.palette = palette
    self.orientation = orientation
  }

  /// Class indices of at most 255: the samples of a gray image, a palette image's indices.
  func indices(_ name: String) throws -> Image {
    let stored = try withoutOpaqueAlpha()
    guard stored.channels == 1 else {
      throw ContentError(
        path: name, expected: "class indices in a palette or one-channel image",
        received: "a \(kind.name) of \(["", "gray with alpha", "RGB", "RGBA"][channels - 1]): "
          + "a colour label needs a colour map (label_map)")
    }
    switch stored.samples {
    case .bytes(let bytes): return stored.image(bytes)
    case .words(let words):
      if let highest = words.max(), highest > 255 {
        throw ContentError(
          path: name, expected: "class indices of at most 255", received: "index \(highest)")
      }
      return stored.image(words.map { UInt8(truncatingIfNeeded: $0) })
    }
  }

  /// Gray with an alpha that is opaque everywhere is gray.
  func withoutOpaqueAlpha() throws -> StoredImage {
    guard channels == 2 else { return self }
    func everySecond<T: Equatable>(_ values: [T], opaque: Set<T>) -> [T]? {
      for i in stride(from: 1, to: values.count, by: 2) where !opaque.contains(values[i]) {
        return nil
      }
      return stride(from: 0, to: values.count, by: 2).map { values[$0] }
    }
    let gray: Samples?
    switch samples {
    case .bytes(let bytes): gray = everySecond(bytes, opaque: [255]).map { .bytes($0) }
    case .words(let words): gray = everySecond(words, opaque: [65535]).map { .words($0) }
    }
    guard let gray else { return self }
    return StoredImage(
      kind: kind, width: width, height: height, channels: 1, samples: gray,
      orientation: orientation)
  }

  /// An image of this size and orientation from `channels` bytes per pixel.
  func image(_ bytes: [UInt8]) -> Image {
    Image(width: width, height: height, channels: channels, pixels: bytes).oriented(orientation)
  }
}

func lossyLabel(_ kind: String, _ name: String) -> ContentError {
  ContentError(
    path: name, expected: "class indices in a PNG, BMP or TIFF",
    received: "\(kind), whose compression changes them")
}
