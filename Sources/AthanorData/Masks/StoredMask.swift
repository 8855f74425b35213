import AthanorCore
import AthanorVision

/// A mask file as it is stored, before its values mean anything.
enum StoredMask: Sendable {
  /// One value a pixel, and with a palette the colour of each value as RGB triples.
  case values(Image, palette: [UInt8]?)
  /// One value of more than 8 bits a pixel.
  case wide(Image16)
  case color(Image)

  /// Reads a lossless file. A colour file whose channels are all equal holds values.
  ///
  /// Errors: throws `FileError`, and `ImageFileError` for a kind that blurs the borders of classes.
  init(contentsOf path: String) throws {
    switch try LabelImage(contentsOf: path) {
    case .palette(let indices, let colors): self = .values(indices, palette: colors)
    case .gray(let image): self = .values(image, palette: nil)
    case .gray16(let image): self = .wide(image)
    case .color(let image): self = Self.valuesOrColor(image)
    }
  }

  private static func valuesOrColor(_ image: Image) -> StoredMask {
    let isGray = image.pixels.withUnsafeBufferPointer { pixels in
      stride(from: 0, to: pixels.count, by: 3).allSatisfy {
        pixels[$0] == pixels[$0 + 1] && pixels[$0] == pixels[$0 + 2]
      }
    }
    guard isGray else { return .color(image) }
    return .values(
      Image(
        width: image.width, height: image.height, channels: 1,
        pixels: stride(from: 0, to: image.pixels.count, by: 3).map { image.pixels[$0] }),
      palette: nil)
  }

  /// The values in use, ascending; nil for colours.
  var valuesInUse: [Int]? {
    switch self {
    case .values(let image, _):
      var used = [Bool](repeating: false, count: 256)
      for value in image.pixels { used[Int(value)] = true }
      return used.indices.filter { used[$0] }
    case .wide(let image):
      var used = [Bool](repeating: false, count: 1 << 16)
      for value in image.pixels { used[Int(value)] = true }
      return used.indices.filter { used[$0] }
    case .color: return nil
    }
  }
}
