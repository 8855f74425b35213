import AthanorMetrics
import Foundation
import Testing

@Suite struct COCOParityTests {
  static let golden = Pycocotools.folder + "/Golden"

  @Test(arguments: try Pycocotools.expected(in: golden).keys.sorted())
  func goldenSetsAgreeToTheLastBit(name: String) throws {
    let expected = try #require(try Pycocotools.expected(in: Self.golden)[name])
    #expect(try Pycocotools.difference(name, in: Self.golden, expected) == 0)
  }

  /// `ATHANOR_COCO_SETS` asks for more sets, `ATHANOR_COCO_SEED` for others.
  @Test(
    .enabled(
      if: Pycocotools.isAvailable,
      "no pycocotools in '\(Pycocotools.python)': set ATHANOR_PYTHON to a Python that has it"))
  func randomSetsAgreeWithPycocotools() throws {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["ATHANOR_COCO_SETS"] ?? "40"
    let seed = environment["ATHANOR_COCO_SEED"] ?? "1"
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "athanor-coco-\(ProcessInfo.processInfo.processIdentifier)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try #require(
      try Pycocotools.run([Pycocotools.script, folder, "--random", count, "--seed", seed]) == 0)
    var (sets, identical, largest) = (0, 0, 0.0)
    for (name, expected) in try Pycocotools.expected(in: folder).sorted(by: { $0.key < $1.key }) {
      let difference = try Pycocotools.difference(name, in: folder, expected)
      #expect(difference <= 1e-6, "\(name), seed \(seed)")
      sets += 1
      if difference == 0 { identical += 1 }
      largest = max(largest, difference)
    }
    print("pycocotools: \(sets) sets, \(identical) identical, largest difference \(largest)")
    #expect(sets == Int(count))
  }
}
