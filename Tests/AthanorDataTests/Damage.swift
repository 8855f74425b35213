import AthanorCore
import AthanorData
import AthanorVision
import Foundation

/// What becomes of a file of a data set.
enum Damage: CaseIterable {
  case missing, empty, half, cyclic
  case badText
  case otherSize, outOfRange, sixteenBit

  /// Whether the file then is no other right one.
  func isWrong(for file: String, in layout: String) -> Bool {
    let isImage = ImageKind(extensionOf: file) != nil
    let isYOLO = layout == "yolo"
    switch self {
    case .cyclic: return true
    // Where folders are the labels, an image that is gone leaves no trace.
    case .missing: return layout != "image_folder"
    // An empty list of boxes is one.
    case .empty:
      return isImage || !file.lowercased().hasSuffix(".txt") || FileName.stem(of: file).count > 1
    // Half a table is a table.
    case .half:
      return isImage || ["xml", "json", "npy"].contains { file.lowercased().hasSuffix($0) }
    case .badText: return !isImage && !file.hasSuffix("npy") && !file.hasSuffix(".keep")
    // Shares of another size give other boxes.
    case .otherSize: return isImage && !isYOLO
    case .outOfRange, .sixteenBit: return isImage
    }
  }

  func apply(to path: String, _ whole: Data) throws {
    let url = URL(fileURLWithPath: path)
    switch self {
    case .missing: try FileManager.default.removeItem(at: url)
    case .empty: try Data().write(to: url)
    case .half: try whole.prefix(whole.count / 2).write(to: url)
    case .cyclic:
      try FileManager.default.removeItem(at: url)
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: url.lastPathComponent)
    case .badText:
      let middle = whole.count / 2
      try (whole.prefix(middle) + [0xC3, 0x28] + whole.suffix(from: middle)).write(to: url)
    case .otherSize:
      let image = try Self.image(path)
      try Data(Image(width: 5, height: 3, channels: image.channels).pngData()).write(to: url)
    case .outOfRange:
      var image = try Self.image(path)
      for i in image.pixels.indices { image.pixels[i] = UInt8(180 + i % 7) }
      try Data(image.pngData()).write(to: url)
    case .sixteenBit:
      let image = try Self.image(path)
      let pixels = image.pixels.indices.map { UInt16(40_000 + $0) }
      try Data(
        Image16(
          width: image.width, height: image.height, channels: image.channels, pixels: pixels
        ).pngData()
      ).write(to: url)
    }
  }

  /// One channel where there is one.
  private static func image(_ path: String) throws -> Image {
    try (try? Image(contentsOf: path, as: .indices)) ?? Image(contentsOf: path, as: .color)
  }
}
