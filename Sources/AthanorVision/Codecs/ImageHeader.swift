import AthanorCore

/// The size and kind of an image file, from its first bytes: the pixels are not decoded.
public struct ImageHeader: Equatable, Sendable {
  public let kind: ImageKind
  /// The size as shown, EXIF orientation applied: that of `Image(contentsOf:as:)`.
  public let width: Int
  public let height: Int
  /// The size as stored.
  public let storedWidth: Int
  public let storedHeight: Int
  /// Samples a pixel as stored: 1 (gray or palette indices) to 4.
  public let channels: Int
  /// Bits a sample as stored.
  public let bitDepth: Int
  public let isPalette: Bool

  /// Reads a few thousand bytes of the file at `path`, more where a JPEG starts with long comments.
  ///
  /// Throws `FileError` where the file cannot be read, and `ImageFileError` where it is no image of
  /// an `ImageKind`, is damaged before its size, or holds more than `pixelLimit` pixels.
  public init(contentsOf path: String, pixelLimit: Int = Image.pixelLimit) throws {
    let file = try InputFile(path)
    try self.init(size: file.size, name: path, pixelLimit: pixelLimit) { offset, count in
      try file.read(count, at: offset)
    }
  }

  /// Reads the header of an encoded image in memory; `name` stands for the file in messages.
  public init(encoded bytes: [UInt8], name: String, pixelLimit: Int = Image.pixelLimit) throws {
    try self.init(size: bytes.count, name: name, pixelLimit: pixelLimit) { offset, count in
      Array(bytes[offset..<(offset + count)])
    }
  }

  private init(
    size: Int, name: String, pixelLimit: Int, read: (_ offset: Int, _ count: Int) throws -> [UInt8]
  ) throws {
    func damaged(_ kind: ImageKind) -> ImageFileError {
      ImageFileError(
        path: name, expected: "a \(kind.name) image",
        received: "a file damaged before its image size")
    }
    let start = try read(0, min(size, 4096))
    kind = try ImageKind(start, size: size, name: name)
    var orientation = 1
    switch kind {
    case .jpeg:
      guard let header = try Self.jpeg(start, size, read) else { throw damaged(kind) }
      (storedWidth, storedHeight) = (header.width, header.height)
      (channels, bitDepth, isPalette) = (header.components, header.precision, false)
      orientation = header.orientation
    case .png:
      guard let header = PNGHeader(start) else { throw damaged(kind) }
      (storedWidth, storedHeight) = (header.width, header.height)
      (channels, bitDepth, isPalette) = (header.channels, header.depth, header.isPalette)
      orientation = try header.orientation(start, size, read)
    case .bmp:
      let header = try BMPHeader(start, name: name)
      (storedWidth, storedHeight) = (header.width, header.height)
      (channels, isPalette) = (header.channels, header.bits <= 8 && !header.isGray)
      bitDepth = min(header.bits, 8)
    case .tiff:
      let header = try TIFFHeader(name: name) { offset, count in
        guard offset <= size, count <= size - offset else { return nil }
        return offset + count <= start.count
          ? Array(start[offset..<(offset + count)]) : try read(offset, count)
      }
      (storedWidth, storedHeight) = (header.width, header.height)
      (channels, bitDepth, isPalette) = (header.samples, header.bits, header.isPalette)
      orientation = header.orientation
    case .webp:
      let header = try WebPHeader(start, name: name)
      (storedWidth, storedHeight) = (header.width, header.height)
      (channels, bitDepth, isPalette) = (header.hasAlpha ? 4 : 3, 8, false)
    }
    try checkHeader(
      width: storedWidth, height: storedHeight, encodedBytes: size, bestRatio: .max, name: name,
      pixelLimit: pixelLimit)
    let isTurned = (5...8).contains(orientation)
    width = isTurned ? storedHeight : storedWidth
    height = isTurned ? storedWidth : storedHeight
  }

  /// Reads on, ever more at a time, until the markers end.
  private static func jpeg(
    _ start: [UInt8], _ size: Int, _ read: (Int, Int) throws -> [UInt8]
  ) throws -> JPEGHeader? {
    var bytes = start
    while true {
      let header = bytes.withUnsafeBytes { JPEGHeader($0) }
      if header?.isComplete == true || bytes.count >= size { return header }
      bytes += try read(bytes.count, min(size - bytes.count, 15 * bytes.count))
    }
  }
}

/// The header chunk of a PNG.
private struct PNGHeader {
  let width: Int
  let height: Int
  let depth: Int
  let channels: Int
  let isPalette: Bool

  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 33, bytes[12..<16].elementsEqual("IHDR".utf8) else { return nil }
    width = Self.word(bytes, 16)
    height = Self.word(bytes, 20)
    depth = Int(bytes[24])
    guard let samples = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][bytes[25]],
      [1, 2, 4, 8, 16].contains(depth)
    else { return nil }
    channels = samples
    isPalette = bytes[25] == 3
  }

  /// The orientation of the EXIF chunk before the pixels, or of the one right before the file's
  /// end.
  func orientation(
    _ start: [UInt8], _ size: Int, _ read: (Int, Int) throws -> [UInt8]
  ) throws -> Int {
    var position = 8
    for _ in 0..<1024 where position + 8 <= size {
      let head =
        try position + 8 <= start.count
        ? Array(start[position..<(position + 8)]) : read(position, 8)
      let length = Self.word(head, 0)
      if head[4...].elementsEqual("IDAT".utf8) || head[4...].elementsEqual("IEND".utf8) { break }
      if head[4...].elementsEqual("eXIf".utf8), length <= size - position - 8, length < 1 << 20 {
        return try read(position + 8, length).withUnsafeBytes { exifOrientation($0) }
      }
      position += 12 + length
    }
    // An empty end chunk is 12 bytes; the EXIF chunk before it is found by its type and length.
    let count = min(size, 4096)
    let tail = try start.count == size ? start.suffix(count) : read(size - count, count)[...]
    let type = Array("eXIf".utf8)
    for i in tail.indices.dropFirst(4).dropLast(20)
    where tail[i] == type[0] && tail[i..<(i + 4)].elementsEqual(type) {
      let length = Self.word(Array(tail[(i - 4)..<i]), 0)
      guard i + 8 + length + 12 == tail.endIndex else { continue }
      return tail[(i + 4)..<(i + 4 + length)].withUnsafeBytes { exifOrientation($0) }
    }
    return 1
  }

  private static func word(_ bytes: [UInt8], _ at: Int) -> Int {
    bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
  }
}
