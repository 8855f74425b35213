import AthanorCore
import AthanorVision
import Foundation
import Testing

@Suite("Kinds of image files")
struct ImageKindTests {
  @Test func namesAndExtensions() {
    #expect(ImageKind.words == "JPEG, PNG, BMP, TIFF or WebP")
    #expect(ImageKind(extensionOf: "a/b.c/IMG.TIFF") == .tiff)
    #expect(ImageKind(extensionOf: "x.jfif") == .jpeg)
    #expect(ImageKind(extensionOf: "png") == nil)
    #expect(ImageKind.allExtensions.isDisjoint(with: ImageKind.knownButNotRead))
  }

  @Test("A file of no kind is refused by name, with the kinds that are read")
  func unknown() throws {
    for bytes in [[], Array("GIF89a".utf8), Array("RIFF....WAVE".utf8)] as [[UInt8]] {
      let error = #expect(throws: ContentError.self) {
        try Image(encoded: bytes, name: "a.gif", as: .color)
      }
      #expect(error?.description.contains("JPEG, PNG, BMP, TIFF or WebP") == true)
    }
  }

  @Test("An image is found behind long comments, and an orientation behind the pixels")
  func farHeaders() throws {
    let image = randomImage(width: 33, height: 20, channels: 3, seed: 1)
    let whole = try jpeg(image)
    let comment: [UInt8] = [0xFF, 0xFE, 0xFF, 0xFF] + [UInt8](repeating: 7, count: 65533)
    let long = Array(whole[..<2]) + comment + comment + whole[2...]
    #expect(try Image(encoded: long, name: "a", as: .color).width == 33)
    var png = try image.pngData()
    png.insert(contentsOf: chunk("eXIf", exif(orientation: 8)), at: png.count - 12)
    let read = try Image(encoded: png, name: "a", as: .color)
    #expect((read.width, read.height) == (20, 33))
  }

  @Test("Every orientation of a TIFF reads as OpenCV reads it", arguments: 1...8, [8, 16])
  func orientations(orientation: Int, bits: Int) throws {
    var generator = Generator(orientation)
    var file = TIFFFile(
      width: 37, height: 20, bits: bits, samples: 3, photometric: 2, orientation: orientation)
    let values = (0..<(37 * 20 * 3)).map { _ in generator.integer(in: 0..<(1 << bits)) }
    let image = try Image(encoded: file.encoded(values), name: "a.tif", as: .color)
    let reference = try #require(referenceDecode(file.encoded(values), gray: false))
    #expect(firstDifference(image, reference) == nil)
    // OpenCV 4.6 mirrors each tile where it stands.
    file.tile = 32
    #expect(try Image(encoded: file.encoded(values), name: "a.tif", as: .color) == image)
    // Labels are turned too.
    let words = try Image16(encoded: file.encoded(values), name: "a.tif")
    #expect((words.width, words.height) == (image.width, image.height))
    if bits == 8 { #expect(words.pixels == image.pixels.map { UInt16($0) }) }
  }

  @Test("What a BMP may hold and is not read is said")
  func refusedBMPs() throws {
    var generator = Generator(4)
    let odd = BMPFile(width: 5, height: 5, bits: 32, masks: [0xFF, 0xFF00, 0xFF_0000])
    let error = #expect(throws: ContentError.self) {
      try Image(encoded: odd.encoded(&generator), name: "odd.bmp", as: .color)
    }
    #expect(error?.received.contains("colour masks") == true)
    // A run that leaves its row, skipped pixels, a second end.
    for runs: [UInt8] in [[9, 1, 0, 1], [0, 2, 1, 1, 0, 1], [4, 1, 0, 0, 0, 0, 1, 1, 0, 1]] {
      var file = BMPFile(width: 4, height: 1, bits: 8, isRuns: true, colors: 256)
        .encoded(&generator)
      file.replaceSubrange(1078..., with: runs)
      #expect(throws: ContentError.self) { try Image(encoded: file, name: "a", as: .color) }
    }
  }
}
