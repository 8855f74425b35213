import AthanorCore
import AthanorVision
import CTurboJPEG
import Testing

/// Files made to do harm, and kinds of file that are easily read wrongly; all made here.
@Suite("Hostile and unusual files")
struct HostileFileTests {
  @Test("A file cut anywhere is refused by name")
  func truncated() throws {
    for whole in try generatedFiles() {
      for length in 0..<whole.count {
        let error = #expect(throws: ContentError.self, "cut to \(length) of \(whole.count)") {
          try Image(encoded: Array(whole[..<length]), name: "cut", as: .color)
        }
        #expect(error?.path == "cut")
      }
    }
  }

  /// Files of every kind of about 1 kB whose headers announce the given size.
  static func announcing(_ width: Int, _ height: Int) throws -> [(name: String, bytes: [UInt8])] {
    var generator = Generator(3)
    let png = PNGFile(width: 31, height: 30).encoded(&generator)
    let header = word(width) + word(height) + png[24..<29]
    let smooth = Image(
      width: 40, height: 40, channels: 3, pixels: (0..<4800).map { UInt8(truncatingIfNeeded: $0) })
    let cmyk = randomImage(width: 16, height: 16, channels: 4, seed: 1)
    var jpegs = try [jpeg(smooth), jpeg(smooth, isProgressive: true), jpeg(cmyk)].map { file in
      var bytes = file
      let start = try #require(jpegSizeOffset(bytes))
      let size = [height, width].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
      bytes.replaceSubrange(start..<(start + 4), with: size)
      return bytes
    }
    // The same bytes as arithmetic codes: its frame's marker is 0xC9.
    jpegs.append(jpegs[0])
    jpegs[3][try #require(jpegSizeOffset(jpegs[0])) - 4] = 0xC9
    var bmp = BMPFile(width: 31, height: 9).encoded(&generator)
    bmp.replaceSubrange(18..<26, with: (word(height) + word(width)).reversed())
    var tiff = TIFFFile(width: 31, height: 30)
    tiff.announced = (width, height)
    return [
      ("huge.png", PNGFile.signature + chunk("IHDR", header) + png[33...]), ("huge.bmp", bmp),
      ("huge.tif", tiff.encoded(&generator)),
    ]
      + zip(["baseline.jpg", "progressive.jpg", "cmyk.jpg", "arithmetic.jpg"], jpegs)
      .map { (name: $0, bytes: $1) }
  }

  @Test(
    "A header that announces too much is refused before memory is taken", arguments: [65535, 8192])
  func hugeHeader(size: Int) throws {
    let memory = peakMemory()
    for (name, bytes) in try Self.announcing(size, size) {
      #expect(bytes.count < 2048)
      // Beyond the limit, and within one but far more than the file could hold.
      for limit in [Image.pixelLimit, 1 << 40] {
        let error = #expect(throws: ContentError.self) {
          try Image(encoded: bytes, name: name, as: .color, pixelLimit: limit)
        }
        #expect(error?.path == name)
        #expect(error?.description.contains("\(size)×\(size)") == true)
      }
    }
    #expect(peakMemory() - memory < 32 << 20)
  }

  @Test("An image without pixels is refused", arguments: [(0, 5), (5, 0), (0, 0)])
  func zeroSize(width: Int, height: Int) throws {
    for (name, bytes) in try Self.announcing(width, height) {
      for mode in [ReadMode.color, .gray, .indices] {
        let error = #expect(throws: ContentError.self) {
          try Image(encoded: bytes, name: name, as: mode)
        }
        #expect(error?.path == name)
      }
    }
  }

  @Test("Every kind of file reads as OpenCV reads it")
  func kinds() throws {
    for bytes in try generatedFiles() { try expectParity(bytes) }
  }

  @Test("Interlaced PNGs of every small size read as OpenCV reads them")
  func interlaced() throws {
    var generator = Generator(5)
    for (width, height) in (1..<10).flatMap({ x in (1..<10).map { (x, $0) } }) {
      for kind in PNGFile.kinds {
        let file = PNGFile(
          width: width, height: height, colorType: kind.colorType, depth: kind.depth,
          isInterlaced: true, palette: kind.colorType == 3 ? Array(0..<6) : [])
        try expectParity(file.encoded(&generator), "\(file)")
      }
    }
  }

  @Test("A gamma out of range is none", arguments: [1, 15, 16, 625_000_000, 625_000_001, 1 << 31])
  func gamma(gamma: Int) throws {
    var generator = Generator(gamma)
    let file = PNGFile(width: 9, height: 9, colorType: 2, extra: [("gAMA", word(gamma))])
    try expectParity(file.encoded(&generator))
  }

  @Test("A palette PNG is a label of its indices", arguments: [1, 2, 4, 8])
  func paletteLabel(depth: Int) throws {
    // Gray samples of the same seed are the same bits.
    var generators = (Generator(9), Generator(9))
    let palette = PNGFile(
      width: 13, height: 7, colorType: 3, depth: depth, isInterlaced: true, palette: [1, 2, 3])
    let gray = PNGFile(width: 13, height: 7, depth: depth, isInterlaced: true)
    let label = try Image(encoded: palette.encoded(&generators.0), name: "a.png", as: .indices)
    #expect(
      label == (try Image(encoded: gray.encoded(&generators.1), name: "b.png", as: .indices)))
    #expect(Int(label.pixels.max()!) < 1 << depth)
  }

  @Test("A 16-bit label holds classes, or is refused by name")
  func deepLabel() throws {
    var generator = Generator(2)
    let bytes = PNGFile(width: 8, height: 8, depth: 16).encoded(&generator)
    let error = #expect(throws: ContentError.self) {
      try Image(encoded: bytes, name: "deep.png", as: .indices)
    }
    #expect(error?.path == "deep.png")
    #expect(error?.expected.contains("at most 255") == true)
  }

  private func expectParity(_ bytes: [UInt8], _ comment: @autoclosure () -> String = "") throws {
    for mode in [ReadMode.color, .gray] {
      let ours = try Image(encoded: bytes, name: "made", as: mode)
      let reference = try #require(referenceDecode(bytes, gray: mode == .gray))
      let difference = firstDifference(ours, reference)
      #expect(difference == nil, "\(comment()) \(mode): \(difference ?? "")")
    }
  }
}
