import AthanorCore
import AthanorVision

/// A mask file as stored, before its values are interpreted.
enum StoredMask: Sendable {
  /// One value per pixel, and with a palette the colour of each value as RGB triples.
  case values(Image, palette: [UInt8]?)
  /// An RGB file whose channels are all equal, as one of them: values, or shades of gray.
  case equalChannels(Image)
  /// One value of more than 8 bits per pixel.
  case wide(Image16)
  case color(Image)

  /// Reads a lossless file. In a NumPy file −1 is 255.
  ///
  /// Errors: throws `FileError`, and `ContentError` for a lossy kind.
  init(contentsOf path: String) throws {
    if FileName.kind(of: path) == "npy" {
      self = try Self.values(of: ArrayMap(contentsOf: path, channels: 1))
      return
    }
    switch try LabelImage(contentsOf: path) {
    case .palette(let indices, let colors): self = .values(indices, palette: colors)
    case .gray(let image): self = .values(image, palette: nil)
    case .gray16(let image): self = .wide(image)
    case .color(let image): self = Self.valuesOrColor(image)
    }
  }

  private static func values(of map: ArrayMap) throws -> StoredMask {
    let values = try map.values.map { value -> UInt16 in
      if value == -1 { return 255 }
      guard let index = UInt16(exactly: value) else {
        throw ContentError(
          path: map.path, expected: "whole numbers from 0, or −1 for ignore", received: "\(value)")
      }
      return index
    }
    guard let greatest = values.max(), greatest > 255 else {
      return .values(
        Image(
          width: map.width, height: map.height, channels: 1,
          pixels: values.map { UInt8(truncatingIfNeeded: $0) }), palette: nil)
    }
    return .wide(Image16(width: map.width, height: map.height, channels: 1, pixels: values))
  }

  private static func valuesOrColor(_ image: Image) -> StoredMask {
    let isGray = image.pixels.withUnsafeBufferPointer { pixels in
      stride(from: 0, to: pixels.count, by: 3).allSatisfy {
        pixels[$0] == pixels[$0 + 1] && pixels[$0] == pixels[$0 + 2]
      }
    }
    guard isGray else { return .color(image) }
    return .equalChannels(
      Image(
        width: image.width, height: image.height, channels: 1,
        pixels: stride(from: 0, to: image.pixels.count, by: 3).map { image.pixels[$0] }))
  }

  /// The form of a file, and the values in use.
  struct Contents: Sendable {
    enum Form: Sendable {
      case gray, equalChannels, wide, color
      case palette([UInt8])
    }

    var form: Form
    /// Ascending; empty for colours.
    var values: [Int] = []
  }

  var contents: Contents {
    switch self {
    case .values(let image, let palette?) where !MaskReader.isGrayRamp(palette):
      return Contents(form: .palette(palette), values: image.pixels.valuesInUse(below: 256))
    case .values(let image, _):
      return Contents(form: .gray, values: image.pixels.valuesInUse(below: 256))
    case .equalChannels(let image):
      return Contents(form: .equalChannels, values: image.pixels.valuesInUse(below: 256))
    case .wide(let image):
      return Contents(form: .wide, values: image.pixels.valuesInUse(below: 1 << 16))
    case .color: return Contents(form: .color)
    }
  }
}

extension Array where Element: FixedWidthInteger {
  /// The values that occur, ascending.
  func valuesInUse(below count: Int) -> [Int] {
    var used = [Bool](repeating: false, count: count)
    for value in self { used[Int(value)] = true }
    return used.indices.filter { used[$0] }
  }
}
