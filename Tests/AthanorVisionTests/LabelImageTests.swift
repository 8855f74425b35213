import AthanorCore
import AthanorVision
import Foundation
import Testing

/// Values of label files: as stored, in every kind of file that keeps them.
@Suite("Label files")
struct LabelImageTests {
  /// A gray or palette file of the given depth with its values.
  static func files(_ depth: Int, isPalette: Bool) throws -> [(name: String, bytes: [UInt8])] {
    let palette = (0..<(3 << min(depth, 8))).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    var files: [(String, [UInt8])] = []
    func same() -> Generator { Generator(9) }
    var generator = same()
    files.append(
      (
        "a.png",
        PNGFile(
          width: 16, height: 7, colorType: isPalette ? 3 : 0, depth: depth,
          palette: isPalette ? palette : []
        ).encoded(&generator)
      ))
    for tile in [nil, 16] {
      let tiff = TIFFFile(
        width: 16, height: 7, bits: depth, photometric: isPalette ? 3 : 1, tile: tile)
      files.append(("a.tif", tiff.encoded(&generator)))
    }
    if [1, 4, 8].contains(depth) {
      let bmp = BMPFile(
        width: 16, height: 7, bits: depth, colors: 1 << depth, isGray: !isPalette)
      files.append(("a.bmp", bmp.encoded(&generator)))
    }
    return files
  }

  @Test("Gray labels keep their values", arguments: [1, 2, 4, 8])
  func gray(depth: Int) throws {
    for (name, bytes) in try Self.files(depth, isPalette: false) {
      let indices = try Image(encoded: bytes, name: name, as: .indices)
      #expect(Set(indices.pixels).count > 1 && Int(indices.pixels.max()!) < 1 << depth)
      #expect(try LabelImage(encoded: bytes, name: name) == .gray(indices))
      let words = try Image16(encoded: bytes, name: name)
      #expect(words.pixels == indices.pixels.map { UInt16($0) })
    }
  }

  @Test("Palette labels keep their indices and give the palette", arguments: [1, 2, 4, 8])
  func palette(depth: Int) throws {
    for (name, bytes) in try Self.files(depth, isPalette: true) {
      let indices = try Image(encoded: bytes, name: name, as: .indices)
      guard
        case .palette(let values, let colors) = try LabelImage(encoded: bytes, name: name)
      else {
        Issue.record("\(name) of \(depth) bits is no palette image")
        continue
      }
      #expect(values == indices && colors.count == 3 << depth)
      // OpenCV reads no palette TIFF of 2 bits; the colours are our own reading then.
      let color = try Image(encoded: bytes, name: name, as: .color)
      #expect(color.pixels == indices.pixels.flatMap { colors[(3 * Int($0))..<(3 * Int($0) + 3)] })
    }
  }

  @Test("TIFF samples come back as written, in every arrangement")
  func arrangements() throws {
    var generator = Generator(8)
    let files =
      [1, 2, 4, 8, 16].flatMap { bits in
        [nil, 16].flatMap { tile in
          [1, 8, 32773].map {
            TIFFFile(width: 37, height: 21, bits: bits, tile: tile, compression: $0)
          }
        }
      }
      + [8, 16].flatMap { bits in
        [false, true].flatMap { isPlanar in
          [nil, 16].map {
            TIFFFile(
              width: 37, height: 21, bits: bits, samples: 3, photometric: 2, tile: $0,
              isPlanar: isPlanar, isBigEndian: isPlanar)
          }
        }
      }
    for file in files {
      let values = (0..<(37 * 21 * file.samples)).map { _ in
        generator.integer(in: 0..<(1 << file.bits))
      }
      let read = try Image16(encoded: file.encoded(values), name: "a.tif")
      #expect(read.channels == file.samples && read.pixels.map { Int($0) } == values, "\(file)")
      var inverted = file
      inverted.photometric = 0
      guard file.samples == 1 else { continue }
      let top = 1 << file.bits - 1
      let turned = try Image16(encoded: inverted.encoded(values), name: "a.tif")
      #expect(turned.pixels.map { Int($0) } == values.map { top - $0 }, "\(inverted)")
    }
  }

  @Test("16-bit images are written and read back", arguments: 1...4)
  func roundTrip16(channels: Int) throws {
    let bytes = randomImage(width: 2 * 31, height: 17, channels: channels, seed: 1).pixels
    let pixels = stride(from: 0, to: bytes.count, by: 2).map {
      UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8
    }
    let image = Image16(width: 31, height: 17, channels: channels, pixels: pixels)
    let png = try image.pngData()
    #expect(try Image16(encoded: png, name: "a.png") == image)
    if channels == 1 {
      #expect(try LabelImage(encoded: png, name: "a.png") == .gray16(image))
      #expect(throws: ContentError.self) { try image.write(to: "a.tif") }
      let small = Image16(width: 2, height: 1, channels: 1, pixels: [255, 3])
      let indices = try Image(encoded: try small.pngData(), name: "a.png", as: .indices)
      #expect(indices.pixels == [255, 3])
    }
    if channels == 3 {
      #expect(throws: ContentError.self) { try LabelImage(encoded: png, name: "a.png") }
    }
  }

  @Test("The values of a 16-bit TIFF are those that OpenCV was given")
  func openCV16() throws {
    let bytes = randomImage(width: 2 * 16, height: 9, channels: 1, seed: 3)
    let tiff = try referenceEncode(bytes, ".tiff", bits: 16, [259, 5])
    let image = try Image16(encoded: tiff, name: "a.tif")
    #expect(image.pixels.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } == bytes.pixels)
  }

  @Test("Gray with opaque alpha is gray; with transparency it is refused")
  func grayAlpha() throws {
    var pixels: [UInt16] = (0..<12).map { $0 % 2 == 0 ? $0 : 65535 }
    let opaque = Image16(width: 3, height: 2, channels: 2, pixels: pixels)
    let gray = Image16(width: 3, height: 2, channels: 1, pixels: [0, 2, 4, 6, 8, 10])
    #expect(try LabelImage(encoded: try opaque.pngData(), name: "a") == .gray16(gray))
    pixels[3] = 0
    let clear = try Image16(width: 3, height: 2, channels: 2, pixels: pixels).pngData()
    #expect(throws: ContentError.self) { try LabelImage(encoded: clear, name: "a") }
    #expect(throws: ContentError.self) { try Image(encoded: clear, name: "a", as: .indices) }
  }

  @Test("Colour labels are colours, without alpha", arguments: [3, 4])
  func color(channels: Int) throws {
    let image = randomImage(width: 15, height: 8, channels: channels, seed: 5)
    let rgb = Image(
      width: 15, height: 8, channels: 3,
      pixels: image.pixels.enumerated().filter { $0.offset % channels < 3 }.map(\.element))
    for ending in [".png", ".tiff", ".bmp"] {
      let bytes = try referenceEncode(image, ending)
      #expect(try LabelImage(encoded: bytes, name: ending) == .color(rgb), "\(ending)")
      let error = #expect(throws: ContentError.self) {
        try Image(encoded: bytes, name: ending, as: .indices)
      }
      #expect(error?.description.contains("label_map") == true)
    }
    // WebP may change the colour under a transparent pixel.
    if channels == 3 {
      let webp = try referenceEncode(image, ".webp", [64, 101])
      #expect(try LabelImage(encoded: webp, name: "a.webp") == .color(rgb))
    }
  }

  @Test("Lossy files hold no labels")
  func lossy() throws {
    let image = randomImage(width: 32, height: 16, channels: 1, seed: 6)
    for (ending, parameters) in [(".jpg", []), (".webp", [64, 80]), (".tiff", [259, 7])]
      as [(String, [Int32])]
    {
      let bytes = try referenceEncode(image, ending, parameters)
      for read in [
        { _ = try Image(encoded: bytes, name: "a", as: .indices) },
        { _ = try Image16(encoded: bytes, name: "a") },
        { _ = try LabelImage(encoded: bytes, name: "a") },
      ] as [() throws -> Void] {
        let error = #expect(throws: ContentError.self) { try read() }
        #expect(error?.received.contains("compress") == true, "\(ending)")
      }
    }
  }

  @Test("A short palette stays as short as it is")
  func shortPalette() throws {
    var generator = Generator(9)
    let png = PNGFile(width: 8, height: 8, colorType: 3, depth: 8, palette: [1, 2, 3])
      .encoded(&generator)
    guard case .palette(let indices, let colors) = try LabelImage(encoded: png, name: "a") else {
      Issue.record("no palette")
      return
    }
    #expect(colors == [1, 2, 3] && indices.pixels.max()! > 0)
  }
}
