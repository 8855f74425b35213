import AthanorCore
import AthanorVision

/// The class names of the values or colours of mask files.
struct MaskCoding: Sendable, Equatable {
  /// The class of each value.
  var values: [Int: String] = [:]
  /// The class of each colour, for RGB and palette masks.
  var colors: [RGB: String] = [:]
  /// Whether the colours decide for palette masks too, whatever their indices; else only for RGB.
  var colorsDecide = false
  /// Whether gray values are colours.
  var grayIsColor = false
  /// Whether RGB masks whose channels are all equal contain colours instead of values.
  var equalChannelsAreColors = false
  /// Values to ignore, apart from 255.
  var ignore: Set<Int> = []
  /// The divisor of stored values: object masks contain `class × divisor + object`.
  var divisor = 1
  /// The source of the names, for messages: `labelmap.txt`, `classes`.
  var file: String

  struct RGB: Hashable, Sendable {
    var red: UInt8
    var green: UInt8
    var blue: UInt8

    init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
      (self.red, self.green, self.blue) = (red, green, blue)
    }

    var bytes: [UInt8] { [red, green, blue] }

    /// The colour of borders around objects in VOC.
    static let border = RGB(224, 224, 192)
    static let black = RGB(0, 0, 0)
    static let white = RGB(255, 255, 255)

    /// The colour of `#rrggbb`.
    init?(hex text: some StringProtocol) {
      guard text.utf8.count == 7, text.first == "#",
        let number = UInt32(text.dropFirst(), radix: 16)
      else { return nil }
      func byte(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: number >> shift) }
      self.init(byte(16), byte(8), byte(0))
    }

    /// A palette's colour of a value; nil beyond its end.
    init?(of value: Int, in palette: [UInt8]) {
      guard 3 * value + 2 < palette.count else { return nil }
      self.init(palette[3 * value], palette[3 * value + 1], palette[3 * value + 2])
    }
  }
}

/// Converts mask files to the class table of a data set.
struct MaskReader: Sendable {
  let coding: MaskCoding
  /// The mask index of each value; 254 for a value without a class.
  private let table: [UInt8]
  private let wideTable: [Int: UInt8]
  private let indices: [MaskCoding.RGB: UInt8]
  private let colorMap: ColorMap?
  private static let unknown: UInt8 = 254
  /// Whether values have no names: then gray levels can only be colours.
  private var hasColorsAlone: Bool { coding.values.isEmpty && !coding.colors.isEmpty }

  init(_ coding: MaskCoding, _ classes: ClassTable) {
    self.coding = coding
    var table = [UInt8](repeating: Self.unknown, count: 256)
    table[255] = 255
    var wide: [Int: UInt8] = [:]
    for (value, name) in coding.values {
      let index = classes.maskValue(of: name)
      if table.indices.contains(value) { table[value] = index } else { wide[value] = index }
    }
    for value in coding.ignore {
      if table.indices.contains(value) { table[value] = 255 } else { wide[value] = 255 }
    }
    self.table = table
    wideTable = wide
    var indices = coding.colors.mapValues { classes.maskValue(of: $0) }
    if indices[.border] == nil, !indices.isEmpty { indices[.border] = 255 }
    self.indices = indices
    let sorted = indices.sorted {
      ($0.key.red, $0.key.green, $0.key.blue) < ($1.key.red, $1.key.green, $1.key.blue)
    }
    colorMap =
      sorted.isEmpty || sorted.count > 256
      ? nil
      : ColorMap(
        colors: sorted.map { [$0.key.red, $0.key.green, $0.key.blue] }, classes: sorted.map(\.value)
      )
  }

  /// The mask in a file as indices of the class table, 255 to ignore.
  ///
  /// Errors: throws `ContentError` for a value or a palette's colour without a class,
  /// `UnknownColorError` for such a colour, both naming the file.
  func read(_ path: String) throws -> Image {
    switch try StoredMask(contentsOf: path) {
    case .color(let image): return try byColor(image, path)
    case .equalChannels(let image):
      let byGray = coding.equalChannelsAreColors || hasColorsAlone
      return try map(image, valueTable(of: image, byGray: byGray, path))
    case .values(let image, let palette?) where coding.colorsDecide && !Self.isGrayRamp(palette):
      return try map(image, paletteTable(of: image, palette, path))
    case .values(let image, _):
      return try map(
        image, valueTable(of: image, byGray: coding.grayIsColor || hasColorsAlone, path))
    case .wide(let stored):
      var image = Image(width: stored.width, height: stored.height, channels: 1)
      for (i, value) in stored.pixels.enumerated() {
        let value = Int(value) / coding.divisor
        let index = value < 256 ? table[value] : wideTable[value] ?? Self.unknown
        guard index != Self.unknown else { throw unknownValue(value, path) }
        image.pixels[i] = index
      }
      return image
    }
  }

  private func byColor(_ image: Image, _ path: String) throws -> Image {
    guard let colorMap else {
      throw ContentError(
        path: path,
        expected: "class indices, or a table of the mask's colours (labelmap.txt with lines "
          + "name:r,g,b)", received: "an RGB image and no such table")
    }
    do {
      return try image.labelMapped(colorMap)
    } catch var error as UnknownColorError {
      error.path = path
      throw error
    }
  }

  private func map(_ values: Image, _ table: [UInt8]) -> Image {
    var image = values
    for i in image.pixels.indices { image.pixels[i] = table[Int(image.pixels[i])] }
    return image
  }

  /// The index of each value of a file whose palette's colours determine the classes.
  private func paletteTable(
    of image: Image, _ palette: [UInt8], _ path: String
  ) throws -> [UInt8] {
    var byColor = [UInt8](repeating: Self.unknown, count: 256)
    for value in image.pixels.valuesInUse(below: 256) {
      let color = MaskCoding.RGB(of: value, in: palette)
      byColor[value] =
        coding.ignore.contains(value / coding.divisor)
        ? 255 : color.flatMap { indices[$0] } ?? Self.unknown
      // Many palettes have no entry for 255, or a black one.
      if value == 255, byColor[255] == Self.unknown || color == .black { byColor[255] = 255 }
      guard byColor[value] != Self.unknown else {
        throw ContentError(
          path: path, expected: "a palette of the colours in \(coding.file)",
          received: color.map {
            "RGB (\($0.red), \($0.green), \($0.blue)) for value \(value)"
          } ?? "value \(value), beyond its end")
      }
    }
    return byColor
  }

  /// The index of each value of a file without a palette. `byGray`: the values are gray levels,
  /// colours of the table.
  private func valueTable(of image: Image, byGray: Bool, _ path: String) throws -> [UInt8] {
    var byValue = [UInt8](repeating: Self.unknown, count: 256)
    for value in image.pixels.valuesInUse(below: 256) {
      let index = value / coding.divisor
      let gray = MaskCoding.RGB(UInt8(value), UInt8(value), UInt8(value))
      byValue[value] =
        !byGray || coding.ignore.contains(index)
        ? table[index] : indices[gray] ?? (value == 255 ? 255 : Self.unknown)
      guard byValue[value] != Self.unknown else {
        throw byGray ? unknownGray(value, path) : unknownValue(index, path)
      }
    }
    return byValue
  }

  /// Whether a palette only contains the gray values, so that its colours have no meaning.
  static func isGrayRamp(_ palette: [UInt8]) -> Bool {
    palette.enumerated().allSatisfy { Int($1) == $0 / 3 }
  }

  private func unknownGray(_ value: Int, _ path: String) -> ContentError {
    ContentError(
      path: path, expected: "the colours in \(coding.file)",
      received: "the gray value \(value), RGB (\(value), \(value), \(value))")
  }

  private func unknownValue(_ value: Int, _ path: String) -> ContentError {
    let known = coding.values.keys.sorted()
    let isRange = known == Array(0..<known.count)
    let words =
      isRange
      ? "0…\(known.count - 1)"
      : known.prefix(12).map(String.init).joined(separator: ", ") + (known.count > 12 ? ", …" : "")
    return ContentError(
      path: path,
      expected:
        "mask values \(words) (\(known.count) classes, by \(coding.file)) or 255 for ignore",
      received: "\(value)")
  }
}
