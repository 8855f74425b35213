import AthanorCore

/// The form in which the pixels of a file are read.
public enum ReadMode: Sendable {
  /// RGB, EXIF orientation applied: `cv::imread(IMREAD_COLOR)` with the channels in RGB order.
  case color
  /// One channel, as `cv::imread(IMREAD_GRAYSCALE)`.
  case gray
  /// Class indices: the raw indices of a palette PNG, BMP or TIFF, or the values of a one-channel
  /// one; anything else throws.
  case indices
}

extension Image {
  /// The largest number of pixels of a file: 2²⁸, a 16384×16384 image.
  public static let pixelLimit = 1 << 28

  /// Reads a JPEG, PNG, BMP, TIFF or WebP file: an `ImageKind`, by its first bytes.
  ///
  /// The pixels are those of `cv::imread`, but a damaged file is refused where OpenCV may return a
  /// partial image. The first of several pages is read; an animated WebP is refused. The size in
  /// the header is checked against `pixelLimit` and the length of the file before memory
  /// is allocated.
  ///
  /// Throws `FileError` where the file cannot be read and `ContentError` where its content cannot
  /// be used; both name the file.
  public init(
    contentsOf path: String, as mode: ReadMode, pixelLimit: Int = Image.pixelLimit
  ) throws {
    self = try Image(
      encoded: try AtomicFile.read(path), name: path, as: mode, pixelLimit: pixelLimit)
  }

  /// Reads an encoded image from memory; messages call it `name`.
  public init(
    encoded bytes: [UInt8], name: String, as mode: ReadMode, pixelLimit: Int = Image.pixelLimit
  ) throws {
    if mode == .indices {
      self = try StoredImage(encoded: bytes, name: name, pixelLimit: pixelLimit).indices(name)
      return
    }
    let kind = try ImageKind(bytes, size: bytes.count, name: name)
    let decode =
      switch kind {
      case .jpeg: decodeJPEG
      case .png: decodePNG
      case .bmp: decodeBMP
      case .tiff: decodeTIFF
      case .webp: decodeWebP
      }
    self = try decode(bytes, name, mode == .gray, pixelLimit)
  }

  /// Writes a `.png` or `.jpg` file, by extension; a failure leaves no partial
  /// file.
  ///
  /// With a palette of RGB triples, a one-channel image is written as a palette PNG of its indices.
  /// JPEG is written at quality 95 with 4:2:0 chroma, as `cv::imwrite` does.
  public func write(to path: String, palette: [UInt8]? = nil) throws {
    let name = path.lowercased()
    if name.hasSuffix(".png") {
      try AtomicFile.write(try encodePNG(self, name: path, palette: palette), to: path)
    } else if name.hasSuffix(".jpg") || name.hasSuffix(".jpeg") {
      guard palette == nil else {
        throw ContentError(
          path: path, expected: "a .png name for class indices with a palette",
          received: "a JPEG name, whose compression would change the indices")
      }
      try AtomicFile.write(try encodeJPEG(self, name: path), to: path)
    } else {
      throw ContentError(
        path: path, expected: "a name that ends in .png, .jpg or .jpeg", received: "'\(path)'")
    }
  }

  /// The encoded PNG.
  public func pngData(palette: [UInt8]? = nil) throws -> [UInt8] {
    try encodePNG(self, name: "PNG image", palette: palette)
  }

  /// The encoded JPEG, as `write` encodes it.
  public func jpegData() throws -> [UInt8] { try encodeJPEG(self, name: "JPEG image") }
}

/// Throws unless a header's size is usable: within the limit, and no larger than `encodedBytes` of
/// compressed data could describe at `bestRatio` pixels per byte.
func checkHeader(
  width: Int, height: Int, encodedBytes: Int, bestRatio: Int, name: String, pixelLimit: Int
) throws {
  guard width > 0, height > 0 else {
    throw ContentError(
      path: name, expected: "an image of at least one pixel", received: "\(width)×\(height)")
  }
  let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
  guard !overflow, pixels <= pixelLimit else {
    throw ContentError(
      path: name, expected: "at most \(pixelLimit) pixels",
      received: "a header that announces \(width)×\(height)")
  }
  guard pixels / bestRatio <= encodedBytes else {
    throw ContentError(
      path: name, expected: "the data of the \(width)×\(height) pixels in its header",
      received: "\(encodedBytes) bytes, too few to hold them")
  }
}
