/// The kinds of image files that are read.
public enum ImageKind: String, CaseIterable, Sendable {
  case jpeg, png, bmp, tiff, webp

  /// The file name extensions of the kind, in lower case.
  public var extensions: [String] {
    switch self {
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
    case .png: ["png"]
    case .bmp: ["bmp", "dib"]
    case .tiff: ["tif", "tiff"]
    case .webp: ["webp"]
    }
  }

  /// Every extension that is read, in lower case.
  public static let extensions = Set(allCases.flatMap(\.extensions))

  /// Extensions of images that are not read.
  public static let knownButNotRead: Set<String> = ["gif", "heic"]

  /// The kinds, for messages.
  public static let words = "JPEG, PNG, BMP, TIFF or WebP"
}
