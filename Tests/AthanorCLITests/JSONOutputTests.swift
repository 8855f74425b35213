import AthanorCore
import Foundation
import Testing

/// `--json` prints one JSON object on stdout and nothing else, whatever the verb.
@Suite(
  .enabled(if: AthanorBinary.has("train"), "this build has no `athanor train`"), .serialized)
struct JSONOutputTests {
  /// Each verb with a key that its object must contain. `RUN` is a run of the smallest network.
  @Test(arguments: [
    ("list losses", "losses"), ("list weightings", "weightings"),
    ("list augmentations", "augmentations"), ("list datasets", "datasets"),
    ("list backbones", "backbones"), ("list optimizers", "optimizers"),
    ("list schedules", "schedules"), ("list ops", "ops"), ("network summary", "layers"),
    ("experiment box-regression --points 1 --steps 2 --loss iou --loss giou", "losses"),
    ("train --out RUN --resume", "peakTensorBytes"), ("eval RUN", "detection"),
    ("report RUN --out report", "methods"), ("data inspect RUN/config.yaml", "splits"),
    ("data convert RUN/config.yaml voc", "samples"),
    ("data build RUN/config.yaml built --width 32 --height 32", "samples"),
    ("parity --only flip_both --size 64x64 --threads 1 --repeat 1", "results"),
    ("bench losses --batch 1 --size 16 --boxes 100 --repeat 1", "results"),
    (
      "bench balancing --weighting rlw --backbone resnet10 --size 64 --batch 1 --repeat 1",
      "results"
    ),
    ("bench train --backbone resnet10 --size 64 --batch 1 --steps 1", "millisecondsPerStep"),
  ])
  func isOneObject(words: String, key: String) throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let arguments = words.replacing("RUN", with: BadInputTests.run).split(separator: " ")
    let result = try AthanorBinary.run(arguments.map(String.init) + ["--json"], in: folder)
    // At parity or not: one pair of calls only tests the format.
    #expect([0, 1].contains(result.status), "\(result.all)")
    let printed = try JSON(parsing: result.stdout)
    #expect(printed.object != nil && printed[key] != nil, "\(result.all)")
  }
}
