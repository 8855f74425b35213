import AthanorCore
import AthanorVision

/// The classes of colour-coded masks: the lines of `labelmap.txt`, `name:r,g,b`, by index.
///
/// What follows a second colon (CVAT writes parts and actions there) is left unread.
struct LabelMap: Equatable, Sendable {
  var names: [String]
  /// RGB triples.
  var colors: [UInt8]

  init(names: [String], colors: [UInt8]) {
    self.names = names
    self.colors = colors
  }

  init(contentsOf path: String) throws {
    names = []
    colors = []
    for line in try DataFolder.lines(of: path) {
      let parts = line.split(separator: ":", omittingEmptySubsequences: false)
      let values =
        parts.count > 1
        ? parts[1].split(separator: ",").compactMap { UInt8(trimming: $0) } : []
      guard values.count == 3, let name = parts.first, !name.isEmpty else {
        throw DatasetError(
          path: path, expected: "lines of the form name:r,g,b with 0…255", received: "'\(line)'")
      }
      guard !names.contains(String(name)) else {
        throw DatasetError(
          path: path, expected: "each class once", received: "'\(name)' twice")
      }
      names.append(String(name))
      colors += values
    }
    guard !names.isEmpty, names.count < 255 else {
      throw DatasetError(path: path, expected: "1…254 classes", received: "\(names.count)")
    }
  }

  var text: String {
    var text = "# name:r,g,b\n"
    for (index, name) in names.enumerated() {
      let color = colors[(3 * index)..<(3 * index + 3)].map(String.init).joined(separator: ",")
      text += "\(name):\(color)\n"
    }
    return text
  }
}

extension UInt8 {
  fileprivate init?(trimming text: Substring) {
    self.init(String(text.filter { !$0.isWhitespace }))
  }
}

/// Reads label masks in whichever way they are stored.
enum MaskFile {
  /// Class indices: raw indices of a palette or gray PNG, or colours through `labelMap`.
  ///
  /// Values in `ignore` become 255, as does the colour (224, 224, 192) that VOC gives to borders
  /// where the label map has no such class. Throws `DatasetError` for an unknown colour.
  static func read(_ path: String, labelMap: LabelMap?, ignore: [Int] = []) throws -> Image {
    let bytes = try AtomicFile.read(path)
    var mask: Image
    // A PNG's colour type: 2 is RGB and 6 RGBA; the rest hold one value a pixel.
    let isPNG = bytes.starts(with: [0x89, 0x50, 0x4E, 0x47])
    if isPNG, bytes.count > 25, bytes[25] == 2 || bytes[25] == 6 {
      let image = try Image(encoded: bytes, name: path, as: .color)
      guard let labelMap else {
        throw DatasetError(
          path: path, expected: "class indices, or a labelmap.txt that names the mask's colours",
          received: "an RGB image and no label map")
      }
      mask = try indices(of: image, labelMap, file: path)
    } else if isPNG {
      mask = try Image(encoded: bytes, name: path, as: .indices)
    } else {
      throw DatasetError(
        path: path, expected: "a PNG mask (other formats blur class borders)",
        received: "another kind of file")
    }
    if !ignore.isEmpty {
      var table = (0...255).map { UInt8($0) }
      for value in ignore where (0...255).contains(value) { table[value] = 255 }
      for i in mask.pixels.indices { mask.pixels[i] = table[Int(mask.pixels[i])] }
    }
    return mask
  }

  private static func indices(of image: Image, _ map: LabelMap, file: String) throws -> Image {
    let colors = stride(from: 0, to: map.colors.count, by: 3).map {
      Array(map.colors[$0..<($0 + 3)])
    }
    // A class of its own takes precedence over the border's colour.
    let table = ColorMap(
      colors: colors + [[224, 224, 192]], classes: colors.indices.map { UInt8($0) } + [255])
    do {
      return try image.labelMapped(table)
    } catch var error as UnknownColorError {
      error.path = file
      throw error
    }
  }
}
