import AthanorCore

/// A 16-bit image, channels last, with the values of its file: depths, instances, label maps.
public struct Image16: Equatable, Sendable {
  public let width: Int
  public let height: Int
  /// 1 (gray or palette indices), 2 (gray with alpha), 3 (RGB) or 4 (RGBA).
  public let channels: Int
  /// `pixels[(y * width + x) * channels + c]`.
  public var pixels: [UInt16]

  public init(width: Int, height: Int, channels: Int, pixels: [UInt16]) {
    precondition(
      pixels.count == width * height * channels,
      "Image16: \(pixels.count) values for \(width)×\(height)×\(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// Reads a PNG, BMP or TIFF of up to 16 bits per sample, the values as stored: no scaling, no
  /// gamma, a palette's indices; gray values rise from black. The orientation is applied, as by
  /// `ReadMode.indices`.
  ///
  /// Throws `FileError` where the file cannot be read and `ContentError` where its content cannot
  /// be used, or where a lossy compression has changed the values.
  public init(contentsOf path: String, pixelLimit: Int = Image.pixelLimit) throws {
    try self.init(encoded: try AtomicFile.read(path), name: path, pixelLimit: pixelLimit)
  }

  /// Reads an encoded image from memory; messages call it `name`.
  public init(encoded bytes: [UInt8], name: String, pixelLimit: Int = Image.pixelLimit) throws {
    self.init(try StoredImage(encoded: bytes, name: name, pixelLimit: pixelLimit))
  }

  init(_ stored: StoredImage) {
    let values: [UInt16]
    switch stored.samples {
    case .bytes(let bytes): values = bytes.map { UInt16($0) }
    case .words(let words): values = words
    }
    self = Image16(
      width: stored.width, height: stored.height, channels: stored.channels, pixels: values
    ).oriented(stored.orientation)
  }

  /// Writes a 16-bit PNG (gray, gray with alpha, RGB or RGBA); a failure leaves no partial file.
  public func write(to path: String) throws {
    guard ImageKind(extensionOf: path) == .png else {
      throw ContentError(
        path: path, expected: "a name that ends in .png for 16-bit pixels", received: "'\(path)'")
    }
    try AtomicFile.write(try encodePNG(self, name: path), to: path)
  }

  /// The encoded PNG.
  public func pngData() throws -> [UInt8] { try encodePNG(self, name: "PNG image") }

  /// The image turned as an EXIF orientation (1…8) requires.
  private func oriented(_ orientation: Int) -> Image16 {
    guard (2...8).contains(orientation) else { return self }
    let isTransposed = orientation >= 5
    let (columns, rows) = isTransposed ? (height, width) : (width, height)
    let fromRight = [2, 3, 7, 8].contains(orientation)
    let fromBottom = [3, 4, 6, 7].contains(orientation)
    var turned = [UInt16](repeating: 0, count: pixels.count)
    for y in 0..<rows {
      for x in 0..<columns {
        let (across, down) = isTransposed ? (y, x) : (x, y)
        let column = fromRight ? width - 1 - across : across
        let row = fromBottom ? height - 1 - down : down
        for c in 0..<channels {
          turned[(y * columns + x) * channels + c] = pixels[(row * width + column) * channels + c]
        }
      }
    }
    return Image16(width: columns, height: rows, channels: channels, pixels: turned)
  }
}
