import AthanorCore
import AthanorVision
import Foundation
import Testing

@Suite("Codecs")
struct CodecTests {
  static let noise = randomImage(width: 61, height: 43, channels: 3, seed: 1)

  @Test("PNG returns what was written", arguments: [1, 3, 4])
  func roundTrip(channels: Int) throws {
    let image = randomImage(width: 37, height: 23, channels: channels, seed: 2)
    let png = try image.pngData()
    let read = try Image(encoded: png, name: "a.png", as: channels == 1 ? .gray : .color)
    if channels == 4 {
      let rgb = image.pixels.enumerated().filter { $0.offset % 4 < 3 }.map(\.element)
      #expect(read.pixels == rgb)
    } else {
      #expect(read == image)
    }
  }

  @Test("A palette PNG returns its indices and its colours")
  func palette() throws {
    let mask = Image(width: 3, height: 2, channels: 1, pixels: [0, 1, 2, 2, 1, 0])
    let png = try mask.pngData(palette: [10, 20, 30, 40, 50, 60, 70, 80, 90])
    #expect(try Image(encoded: png, name: "a.png", as: .indices) == mask)
    let color = try Image(encoded: png, name: "a.png", as: .color)
    #expect(Array(color.pixels[0..<9]) == [10, 20, 30, 40, 50, 60, 70, 80, 90])
    #expect(throws: ContentError.self) { try mask.pngData(palette: [1, 2, 3]) }
  }

  @Test("A colour label is no index mask")
  func colorLabel() throws {
    let png = try Self.noise.pngData()
    let error = #expect(throws: ContentError.self) {
      try Image(encoded: png, name: "label.png", as: .indices)
    }
    #expect(error?.description.contains("label_map") == true)
    #expect(error?.path == "label.png")
  }

  @Test("Files appear on disk and are read back")
  func files() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/athanor-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.noise.write(to: "\(folder)/a.png")
    #expect(try Image(contentsOf: "\(folder)/a.png", as: .color) == Self.noise)
    try Self.noise.write(to: "\(folder)/a.jpg")
    let jpeg = try Image(contentsOf: "\(folder)/a.jpg", as: .color)
    #expect((jpeg.width, jpeg.height) == (61, 43))
    #expect(throws: ContentError.self) { try Self.noise.write(to: "\(folder)/a.bmp") }
    #expect(throws: FileError.self) { try Self.noise.write(to: "\(folder)/none/a.png") }
    let missing = #expect(throws: FileError.self) {
      try Image(contentsOf: "\(folder)/b.png", as: .color)
    }
    #expect(missing?.path == "\(folder)/b.png")
  }
}
