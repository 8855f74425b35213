import AthanorCore
import AthanorVision

/// A mask file as it is stored, before its values mean anything.
enum StoredMask: Sendable {
  /// One value a pixel, and with a palette the colour of each value as RGB triples.
  case values(Image, palette: [UInt8]?)
  /// One value of more than 8 bits a pixel.
  case wide(width: Int, height: Int, values: [UInt16])
  case color(Image)

  /// Reads a lossless file. An RGB file whose channels are all equal holds values.
  ///
  /// Errors: throws `FileError`, `ImageFileError`, `DatasetError` for a kind that blurs borders.
  init(contentsOf path: String) throws {
    let bytes = try AtomicFile.read(path)
    guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) else {
      throw DatasetError(
        path: path, expected: "a PNG mask (other formats blur class borders)",
        received: "another kind of file")
    }
    guard bytes.count > 25, bytes[25] == 2 || bytes[25] == 6 else {
      self = .values(try Image(encoded: bytes, name: path, as: .indices), palette: nil)
      return
    }
    self = Self.valuesOrColor(try Image(encoded: bytes, name: path, as: .color))
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
    case .wide(_, _, let values):
      var used = [Bool](repeating: false, count: 1 << 16)
      for value in values { used[Int(value)] = true }
      return used.indices.filter { used[$0] }
    case .color: return nil
    }
  }
}
