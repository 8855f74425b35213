import AthanorCLI
import AthanorCore
import AthanorExperiment
import AthanorReport
import AthanorVision
import Foundation
import TestSupport
import Testing

@Suite("Preprocessing folders", .serialized)
struct PreprocessingTests {
  static let image = Image(
    width: 9, height: 6, channels: 3, pixels: (0..<162).map { UInt8(truncatingIfNeeded: $0 &* 3) })

  /// The files in the folder, with paths relative to it, without folders.
  private func files(_ folder: String) -> [String] {
    FileManager.default.enumerator(atPath: folder)!.compactMap { $0 as? String }.filter {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: "\(folder)/\($0)", isDirectory: &isFolder)
      return !isFolder.boolValue && !$0.hasPrefix(".athanor")
    }.sorted()
  }

  private func flip(_ input: String, _ output: String) throws -> Preprocessing.Outcome {
    try Preprocessing("flip", overrides: [], readsIndices: false).run(input, to: output)
  }

  @Test("Subfolders are entered, links never in a circle, and every file keeps its place")
  func nested() throws {
    let folder = try TemporaryFolder()
    let manager = FileManager.default
    for name in ["sub/deep.png", "empty"] {
      try manager.createDirectory(
        atPath: folder.file("in/\(name)"), withIntermediateDirectories: true)
    }
    for name in ["a.jpg", "a.png", "b.PNG", "b.PNG.jpeg", "sub/c.png", "sub/deep.png/d.png"] {
      let path = folder.file("in/\(name)")
      try Self.image.write(to: path)
    }
    try AtomicFile.write("no image", to: folder.file("in/sub/notes.txt"))
    let links = [("sub/loop", ".."), ("sub/link.png", "../a.png"), ("gone.png", "nowhere.png")]
    for (name, target) in links {
      try manager.createSymbolicLink(
        atPath: folder.file("in/\(name)"), withDestinationPath: target)
    }
    // The second time, the output of the first run is part of the input.
    for _ in 0..<2 {
      let outcome = try flip(folder.file("in"), folder.file("in/out"))
      #expect(outcome.written == 7)
      #expect(outcome.failures.isEmpty)
      let expected = [
        "a.jpg.png", "a.png.png", "b.PNG.jpeg.png", "b.png", "sub/c.png", "sub/deep.png/d.png",
        "sub/link.png",
      ]
      #expect(files(folder.file("in/out")) == expected)
    }
    let flipped = Self.image.flipped(.horizontal)
    for name in ["a.png.png", "b.png", "sub/deep.png/d.png", "sub/link.png"] {
      #expect(try Image(contentsOf: folder.file("in/out/\(name)"), as: .color) == flipped)
    }
  }

  @Test("Hostile files are counted and named; the folder goes on and memory is bounded")
  func hostile() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.file("in/sub"), withIntermediateDirectories: true)
    for i in 0..<4 { try Self.image.write(to: folder.file("in/sub/good\(i).jpg")) }
    let good = try AtomicFile.read(folder.file("in/sub/good0.jpg"))
    let size = try #require(good.indices.first { good[$0...].starts(with: [0xFF, 0xC0]) }) + 5
    var huge = good
    huge.replaceSubrange(size..<(size + 4), with: [255, 255, 255, 255])
    var flat = good
    flat.replaceSubrange(size..<(size + 2), with: [0, 0])
    let bad: [(String, [UInt8])] = [
      ("cut.jpg", Array(good.dropLast(9))), ("empty.png", []), ("flat.jpg", flat),
      ("huge.jpg", huge), ("text.png", Array("a text".utf8)),
    ]
    for (name, bytes) in bad { try AtomicFile.write(bytes, to: folder.file("in/sub/\(name)")) }
    let outcome = try flip(folder.file("in"), folder.file("out"))
    #expect(outcome.written == 4)
    #expect(outcome.failures.count == bad.count)
    for (failure, file) in zip(outcome.failures, bad) {
      #expect(failure.hasPrefix(folder.file("in/sub/\(file.0)")), "\(failure)")
    }
    #expect(files(folder.file("out")) == (0..<4).map { "sub/good\($0).png" })
    // A single file is refused with the same error.
    #expect(throws: ContentError.self) {
      try flip(folder.file("in/sub/huge.jpg"), folder.file("huge.png"))
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("huge.png")))
  }

  static let edgeImages: String? = {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let data = ProcessInfo.processInfo.environment["ATHANOR_DATA"] ?? "/\(root)/../shared/data"
    return FileManager.default.fileExists(atPath: "\(data)/edge_images")
      ? "\(data)/edge_images" : nil
  }()

  /// Pillow reads both: a partial image, and one with a wrong checksum, which OpenCV refuses too.
  static let alsoRefused = [
    "jpeg_decoder/reftest/partial_progressive.jpg", "pngsuite/xcsn0g01.png",
  ]

  @Test(
    "Of the edge images exactly the bad ones fail",
    .enabled(if: edgeImages != nil, "needs the test data: set ATHANOR_DATA"))
  func edges() throws {
    let folder = try TemporaryFolder()
    let input = try #require(Self.edgeImages)
    let bad = try TextFile.read("\(input)/EXPECTED.tsv").split(separator: "\n")
      .filter { $0.contains("\terror ") }
      .map { String($0.prefix { $0 != "\t" }) }
    let outcome = try flip(input, folder.file("out"))
    let failed = outcome.failures.map { $0.dropFirst(input.count + 1).prefix { $0 != ":" } }
    #expect(failed.map(String.init) == (bad + Self.alsoRefused).sorted())
    let written = files(folder.file("out"))
    #expect(written.count == outcome.written)
    #expect(outcome.written > 250)
    // The codec tests check that the pixels equal OpenCV's.
    for name in written where name.hasPrefix("pngsuite/") {
      let source = try Image(contentsOf: "\(input)/\(name)", as: .color)
      let result = try Image(contentsOf: folder.file("out/\(name)"), as: .color)
      #expect(result == source.flipped(.horizontal), "\(name)")
    }
  }
}
