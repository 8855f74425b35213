import AthanorCore

/// The pixels of a label file, as stored and by the form in which they are stored.
public enum LabelImage: Equatable, Sendable {
  /// Palette indices, and the palette as RGB triples; it may have no entry for some indices.
  case palette(indices: Image, colors: [UInt8])
  /// Gray values: 0…2ⁿ − 1 for n bits, not spread over 0…255.
  case gray(Image)
  /// Gray values of 16 bits.
  case gray16(Image16)
  /// RGB. Alpha is dropped, but transparent pixels may have no colour.
  case color(Image)

  /// Reads a PNG, BMP, TIFF or lossless WebP; gray with an alpha that is opaque everywhere is gray.
  /// The orientation is applied, as by `ReadMode.indices`.
  ///
  /// Throws `FileError` where the file cannot be read and `ContentError` where its content cannot
  /// be used, or where a lossy compression has changed the values.
  public init(contentsOf path: String, pixelLimit: Int = Image.pixelLimit) throws {
    try self.init(encoded: try AtomicFile.read(path), name: path, pixelLimit: pixelLimit)
  }

  /// Reads an encoded image from memory; messages call it `name`.
  public init(encoded bytes: [UInt8], name: String, pixelLimit: Int = Image.pixelLimit) throws {
    let stored = try StoredImage(encoded: bytes, name: name, pixelLimit: pixelLimit)
      .withoutOpaqueAlpha()
    switch (stored.channels, stored.samples) {
    case (1, .bytes(let values)):
      guard let palette = stored.palette else {
        self = .gray(stored.image(values))
        return
      }
      self = .palette(indices: stored.image(values), colors: palette)
    case (1, .words):
      self = .gray16(Image16(stored))
    case (2, _):
      throw ContentError(
        path: name, expected: "a gray, palette or colour label", received: "gray with transparency")
    case (4, .bytes(let values)) where values.hidesColors:
      throw ContentError(
        path: name, expected: "colours that can be seen",
        received: "transparent pixels of a colour other than black")
    case (_, .bytes(let values)):
      self = .color(stored.image(values).withoutAlpha())
    case (_, .words(let words)):
      guard words.allSatisfy({ $0 % 257 == 0 }) else {
        throw ContentError(
          path: name, expected: "a colour label of 8 bits a channel",
          received: "a \(stored.kind.name) of 16 bits a channel")
      }
      self = .color(
        stored.image(words.map { UInt8(truncatingIfNeeded: $0 / 257) }).withoutAlpha())
    }
  }

  public var width: Int {
    switch self {
    case .palette(let image, _), .gray(let image), .color(let image): image.width
    case .gray16(let image): image.width
    }
  }

  public var height: Int {
    switch self {
    case .palette(let image, _), .gray(let image), .color(let image): image.height
    case .gray16(let image): image.height
    }
  }
}

extension Image {
  /// RGB from RGBA; other images unchanged.
  func withoutAlpha() -> Image {
    guard channels == 4 else { return self }
    return Image(width: width, height: height, channels: 3, pixels: rgb(fromRGBA: pixels))
  }
}

extension [UInt8] {
  /// Whether RGBA pixels have a colour and are fully transparent.
  fileprivate var hidesColors: Bool {
    for pixel in stride(from: 0, to: count, by: 4) where self[pixel + 3] == 0 {
      for channel in 0..<3 where self[pixel + channel] != 0 { return true }
    }
    return false
  }
}

/// The first three of every four bytes.
func rgb(fromRGBA rgba: [UInt8]) -> [UInt8] {
  let count = rgba.count / 4
  return [UInt8](unsafeUninitializedCapacity: 3 * count) { rgb, written in
    rgba.withUnsafeBufferPointer { source in
      for i in 0..<count {
        for c in 0..<3 { rgb[3 &* i &+ c] = source[4 &* i &+ c] }
      }
    }
    written = 3 * count
  }
}
