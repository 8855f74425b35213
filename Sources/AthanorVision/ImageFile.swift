import AthanorCore

/// How the pixels of a file are wanted.
public enum ReadMode: Sendable {
  /// RGB, EXIF orientation applied: `cv::imread(IMREAD_COLOR)` with the channels in RGB order.
  case color
  /// One channel, as `cv::imread(IMREAD_GRAYSCALE)`.
  case gray
  /// Class indices: a palette PNG's raw indices, or a one-channel PNG's values; anything else throws.
  case indices
}

extension Image {
  /// Reads a JPEG or PNG file. Throws `FileError` or `ImageFileError`, naming the file.
  public init(contentsOf path: String, as mode: ReadMode) throws { throw FileError(path: path, operation: "read", reason: "not written yet") }

  /// Reads an encoded JPEG or PNG from memory; `name` stands for the file in messages.
  public init(encoded bytes: [UInt8], name: String, as mode: ReadMode) throws { throw FileError(path: name, operation: "read", reason: "not written yet") }

  /// Writes a `.png` or `.jpg` file, by extension; the file appears whole or not at all.
  /// With a palette of RGB triples, a one-channel image is written as a palette PNG of its indices.
  public func write(to path: String, palette: [UInt8]? = nil) throws {}

  /// The encoded PNG.
  public func pngData(palette: [UInt8]? = nil) throws -> [UInt8] { [] }
}
