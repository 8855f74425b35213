import AthanorCore

/// A kind of image file that is read, recognised by its first bytes.
public enum ImageKind: String, CaseIterable, Sendable {
  case jpeg, png, bmp, tiff, webp

  /// Its name in messages.
  public var name: String {
    switch self {
    case .jpeg: "JPEG"
    case .png: "PNG"
    case .bmp: "BMP"
    case .tiff: "TIFF"
    case .webp: "WebP"
    }
  }

  /// Its file-name extensions in lower case, the usual one first.
  public var extensions: [String] {
    switch self {
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
    case .png: ["png"]
    case .bmp: ["bmp", "dib"]
    case .tiff: ["tif", "tiff"]
    case .webp: ["webp"]
    }
  }

  /// The extensions of all kinds that are read.
  public static let allExtensions = Set(allCases.flatMap(\.extensions))

  /// Extensions of images that cannot be read, for counting files that are left out.
  public static let knownButNotRead: Set<String> = [
    "gif", "heic", "heif", "avif", "jp2", "j2k", "jxl", "exr", "hdr", "pbm", "pgm", "ppm", "pnm",
    "tga", "psd", "svg", "ico", "cr2", "nef", "arw", "dng", "npz",
  ]

  /// All kinds in a sentence: `JPEG, PNG, BMP, TIFF or WebP`.
  public static let words: String = {
    let names = allCases.map(\.name)
    return names.dropLast().joined(separator: ", ") + " or " + names.last!
  }()

  /// The kind whose files start with these bytes; 12 bytes are enough.
  public init?(startingWith bytes: some Collection<UInt8>) {
    func has(_ magic: [UInt8], at offset: Int = 0) -> Bool {
      bytes.dropFirst(offset).starts(with: magic)
    }
    if has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if has([0xFF, 0xD8]) {
      self = .jpeg
    } else if has(Array("BM".utf8)) {
      self = .bmp
    } else if [
      [0x49, 0x49, 42, 0], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 42], [0x4D, 0x4D, 0, 43],
    ]
    .contains(where: { has($0) }) {
      self = .tiff
    } else if has(Array("RIFF".utf8)), has(Array("WEBP".utf8), at: 8) {
      self = .webp
    } else {
      return nil
    }
  }

  /// The kind by the extension of a file name, in any case; `nil` for kinds that cannot be read.
  public init?(extensionOf path: String) {
    guard let dot = path.lastIndex(of: ".") else { return nil }
    let ending = path[path.index(after: dot)...].lowercased()
    guard let kind = Self.allCases.first(where: { $0.extensions.contains(ending) }) else {
      return nil
    }
    self = kind
  }

  /// Like `init(startingWith:)`, but a file of none of these kinds throws.
  init(_ bytes: some Collection<UInt8>, size: Int, name: String) throws {
    guard let kind = Self(startingWith: bytes) else {
      throw ContentError(
        path: name, expected: "a \(Self.words) image",
        received: size == 0 ? "an empty file" : "\(size) bytes of another kind")
    }
    self = kind
  }
}
