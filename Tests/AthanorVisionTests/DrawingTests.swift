import AthanorCore
import AthanorVision
import Foundation
import Testing

@Suite("Drawing")
struct DrawingTests {
  @Test("The VOC colours are the devkit's")
  func voc() {
    #expect(Colors.voc.count == 768)
    #expect(Array(Colors.voc[0..<12]) == [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0])
    #expect(Colors.mask(8) == [64, 0, 0])
    #expect(Colors.mask(255) == [224, 224, 192])
    #expect(Set((0..<256).map(Colors.mask)).count == 256)
  }

  @Test("Rectangles are cut at the image's edges")
  func rectangles() {
    var image = Image(width: 6, height: 5, channels: 3)
    image.strokeRectangle(x: -1, y: 1, width: 5, height: 3, color: [9, 9, 9])
    let set = (0..<30).filter { image.pixels[3 * $0] == 9 }
    #expect(set == [6, 7, 8, 9, 15, 18, 19, 20, 21])
    image.fillRectangle(x: -9, y: -9, width: 100, height: 100, color: [255, 255, 255], alpha: 0.5)
    #expect(image.pixels[0] == 128)
  }

  @Test("An overlay mixes the palette's colours and leaves the background")
  func overlay() {
    var image = Image(width: 3, height: 1, channels: 3, filledWith: 100)
    let mask = Image(width: 3, height: 1, channels: 1, pixels: [0, 1, 255])
    image.overlay(mask, alpha: 0.5)
    #expect(image.pixels == [100, 100, 100, 114, 50, 50, 162, 162, 146])
  }

  @Test("Every printable character has its own dots")
  func font() {
    var seen = Set<[UInt8]>()
    for code in 33..<127 {
      var image = Image(width: 5, height: 9, channels: 1)
      image.drawText(String(UnicodeScalar(UInt8(code))), x: 0, y: 0, color: [1])
      #expect(image.pixels.contains(1), "\(code)")
      #expect(seen.insert(image.pixels).inserted, "\(UnicodeScalar(UInt8(code)))")
    }
  }

  @Test("A sheet holds every image and caption")
  func sheet() throws {
    var sheet = ContactSheet(columns: 4)
    for name in augmentations.names {
      var generator = Generator(8)
      let sample = try AugmentationTests.make(name)
        .apply(to: AugmentationTests.scene(width: 192, height: 128), epoch: 300, using: &generator)
      var picture = sample.image
      if let mask = sample.mask { picture.overlay(mask) }
      picture.draw(sample.boxes ?? []) { "class \($0.label) 0.97" }
      sheet.add(picture, caption: name)
    }
    var text = Image(width: 400, height: 60, channels: 3, filledWith: 255)
    text.drawText(
      "The quick brown fox jumps over the lazy dog: 0123456789\n"
        + "ABCDEFGHIJKLMNOPQRSTUVWXYZ {}[]()<> @#$%^&*!?\n"
        + "~`'\"|\\/_-+=.,;: mIoU=0.83, AP50 0.71 (val) gypq", x: 4, y: 6)
    sheet.add(text, caption: "text")
    let image = sheet.render()
    #expect(image.height > 3 * 128 && image.width > 4 * 192)
    if let path = ProcessInfo.processInfo.environment["ATHANOR_KEEP_SHEET"] {
      try image.write(to: path)
    }
  }
}
