import AthanorCore
import AthanorNetworks
import AthanorTensor
import Foundation
import Testing

/// Batches that `athanor step` must refuse, naming the entry and the error in it.
@Suite(
  .enabled(if: AthanorBinary.has("step"), "this build has no `athanor step`"), .serialized)
struct StepTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    var size = [64, 64]
    var mask: UInt8 = 1
    var box: [Float] = [1, 8, 8, 40, 40]
    var label: Int32 = 0
    var tasks = "[segmentation, detection]"
    var status: Int32 = 1
    /// Texts that the output must contain.
    let says: [String]

    var testDescription: String { name }

    /// Two images with a box in one of them.
    func write(to path: String) throws {
      let pixels = 2 * size[0] * size[1]
      try TensorFile.write(
        [
          ("image", Tensor([Float](repeating: 0.5, count: 3 * pixels), shape: [2] + size + [3])),
          ("mask", Tensor([UInt8](repeating: mask, count: pixels), shape: [2] + size)),
          ("boxes", Tensor(box, shape: [1, 5])), ("classes", Tensor([label], shape: [1])),
        ], to: path)
    }
  }

  /// The built-in scenes have 7 classes of masks, background first, and 6 of boxes.
  @Test(arguments: [
    Case(name: "as it should be", status: 0, says: ["\"total\""]),
    Case(name: "nothing is labelled in the mask", mask: 255, status: 0, says: ["\"total\""]),
    Case(name: "size", size: [64, 40], says: ["'image'", "multiples of 32", "[2, 64, 40, 3]"]),
    Case(name: "no class of masks", mask: 7, says: ["'mask'", "0 to 6, or 255", "received 7"]),
    Case(name: "no class of boxes", label: 6, says: ["'classes'", "0 to 5", "6 for box 0"]),
    Case(name: "a negative class", label: -1, says: ["'classes'", "0 to 5", "-1 for box 0"]),
    Case(
      name: "a box of no image", box: [2, 8, 8, 40, 40],
      says: ["'boxes'", "image indices 0 to 1", "2.0 for box 0"]),
    Case(
      name: "a box between images", box: [0.5, 8, 8, 40, 40],
      says: ["'boxes'", "image indices 0 to 1", "0.5 for box 0"]),
    Case(
      name: "a box without a place", box: [0, 8, .nan, 40, 40],
      says: ["'boxes'", "finite corners", "nan"]),
    Case(
      name: "weights of other classes",
      tasks: "{segmentation: {loss: {name: weighted_cross_entropy, class_weights: [1, 2]}}, "
        + "detection: {}}",
      says: ["tasks.segmentation.loss", "2 weights for 7 classes"]),
  ])
  func isRefusedWithTheCause(_ test: Case) throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try test.write(to: "\(folder)/B.safetensors")
    try AtomicFile.write(
      "network: {width: 8, fpn_channels: 16}\nweighting: fixed\ntasks: \(test.tasks)\n",
      to: "\(folder)/c.yaml")
    let result = try AthanorBinary.run(
      [
        "step", "c.yaml", "--checkpoint", "\(BadInputTests.run)/checkpoints/last.safetensors",
        "--batch", "B.safetensors", "--out", "G.safetensors", "--json",
      ], in: folder)
    #expect(result.status == test.status, "\(result.all)")
    for word in test.says { #expect(result.all.contains(word), "\(result.all)") }
  }
}
