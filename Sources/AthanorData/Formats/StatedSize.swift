import AthanorCore
import AthanorVision

/// The size of the image according to its label file. A side that is missing or 0 is nil.
struct StatedSize: Sendable, Equatable {
  var width: Int?
  var height: Int?

  init(width: Int? = nil, height: Int? = nil) { (self.width, self.height) = (width, height) }

  /// Sides that are written as text; an empty one is missing.
  ///
  /// Errors: throws `ContentError` for a side that is not a whole number from 0.
  init(width: String?, height: String?, in file: String) throws {
    func side(_ text: String?, _ key: String) throws -> Int? {
      guard let text, !text.isEmpty else { return nil }
      guard let side = WholeNumber.read(text), side >= 0 else {
        throw ContentError(
          path: file, expected: "the image's \(key) as a whole number from 0",
          received: "'\(text)'")
      }
      return side == 0 ? nil : side
    }
    (self.width, self.height) = (try side(width, "width"), try side(height, "height"))
  }

  /// Errors: throws `ContentError` where the file was made on an image of another size.
  func check(_ image: Image, _ file: String, of name: String? = nil) throws {
    guard (width ?? image.width, height ?? image.height) != (image.width, image.height) else {
      return
    }
    let (wide, high) = (width.map(String.init) ?? "?", height.map(String.init) ?? "?")
    throw ContentError(
      path: file, expected: "an image of \(wide)×\(high), as the file says",
      received: "\(image.width)×\(image.height)" + (name.map { " in '\($0)'" } ?? ""))
  }
}
