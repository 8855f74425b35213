import Foundation
import Testing

/// Every loss and gradient of `athanor step` compared with the PyTorch twin in `Tests/Twin`.
@Suite(
  .enabled(
    if: Twin.isAvailable,
    "needs a Python with torch, safetensors and numpy: set ATHANOR_PYTHON to it"),
  .enabled(if: AthanorBinary.has("step"), "this build has no `athanor step`"), .serialized)
struct TwinTests {
  struct Case: CustomTestStringConvertible {
    var backbone = "resnet10"
    var width = 16
    var channels = 32
    var size = [96, 128]
    var segmentation = "cross_entropy"
    var box = "giou"
    var weights = [("segmentation", 1.0), ("detection", 1.0)]
    /// The shift of normalised activations, away from the kinks of the following functions.
    var shift = 3.0
    /// The loss of depth where there are further tasks: normals, a second segmentation, image
    /// classification.
    var depth: String?
    var lane = "focal"

    var testDescription: String {
      "\(backbone) \(size[0])×\(size[1]), \(segmentation), \(box)"
        + (depth.map { ", depth \($0), lane \(lane)" } ?? "")
    }

    var config: String {
      let further =
        depth.map {
          """
          , depth: {loss: \($0)}, normals: {},
            lane: {type: segmentation, label: lane, loss: \(lane)}, scene: {type: classification}
          """
        } ?? ""
      let weights = weights.map { "\($0): \($1)" }.joined(separator: ", ")
      return """
        network: {backbone: \(backbone), width: \(width), fpn_channels: \(channels)}
        tasks: {segmentation: {loss: \(segmentation)}, detection: {box: \(box)}\(further)}
        weighting: {name: fixed, weights: {\(weights)}}
        """
    }
  }

  @Test(arguments: [
    Case(backbone: "resnet18", width: 64, channels: 128, size: [256, 256]),
    Case(backbone: "resnet50", width: 8, weights: [("segmentation", 0.5), ("detection", 2)]),
    Case(backbone: "resnext50_32x4d", width: 64, shift: 5),
    Case(backbone: "mobilenet_v3_large", width: 64, shift: 6),
    Case(backbone: "convnext_tiny", width: 64),
    Case(segmentation: "dice", box: "iou"),
    Case(segmentation: "focal", box: "smooth_l1"),
    Case(backbone: "resnet18", width: 32, channels: 64, depth: "l1"),
    Case(depth: "berhu", lane: "dice"),
    Case(
      weights: [("depth", 0.5), ("normals", 2), ("lane", 0.1), ("scene", 3)],
      depth: "scale_invariant_log", lane: "cross_entropy"),
  ])
  func agreesWithPyTorch(_ test: Case) throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try test.config.write(toFile: "\(folder)/config.yaml", atomically: true, encoding: .utf8)
    let made = try Twin.run(
      "make_fixture.py",
      [
        folder, "--backbone", test.backbone, "--width", "\(test.width)",
        "--channels", "\(test.channels)", "--bias", "\(test.shift)", "--size",
      ] + test.size.map(String.init) + (test.depth == nil ? [] : ["--further"]))
    try #require(made.status == 0, "\(made.all)")

    let step = try AthanorBinary.run(
      [
        "step", "config.yaml", "--checkpoint", "W.safetensors", "--batch", "B.safetensors",
        "--out", "G.safetensors", "--json",
      ], in: folder)
    try #require(step.status == 0, "\(step.all)")
    try step.stdout.write(toFile: "\(folder)/step.json", atomically: true, encoding: .utf8)

    let compared = try Twin.run(
      "compare.py",
      [
        folder, "--segmentation", test.segmentation, "--box", test.box, "--depth",
        test.depth ?? "l1", "--lane", test.lane, "--weights",
      ] + test.weights.map { "\($0)=\($1)" })
    #expect(compared.status == 0, "\(compared.all)")
    print("\(test.testDescription)\n\(compared.stdout)")
  }
}

enum Twin {
  static let python = ProcessInfo.processInfo.environment["ATHANOR_PYTHON"] ?? "python3"
  static let folder = AthanorBinary.root + "/Tests/Twin"

  static let isAvailable =
    (try? AthanorBinary.run(python, ["-c", "import torch, safetensors, numpy"], in: folder))?.status
    == 0

  static func run(_ script: String, _ arguments: [String]) throws -> AthanorBinary.Result {
    try AthanorBinary.run(python, ["-B", script] + arguments, in: folder)
  }
}
