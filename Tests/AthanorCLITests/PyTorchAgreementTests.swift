import AthanorCLI
import AthanorCore
import AthanorExperiment
import AthanorLosses
import AthanorReport
import AthanorTensor
import Foundation
import TestSupport
import Testing

enum PyTorch {
  static let python = ProcessInfo.processInfo.environment["ATHANOR_PYTHON"] ?? "python3"

  /// Whether that Python can import some modules.
  static func has(_ modules: String) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python, "-c", "import \(modules)"]
    (process.standardOutput, process.standardError) = (
      FileHandle.nullDevice, FileHandle.nullDevice
    )
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  static let isAvailable = has("torch, numpy")
  /// SciPy computes the distances for the boundary loss there.
  static let hasSciPy = isAvailable && has("scipy")
}

/// Value and gradient of every loss compared with PyTorch's operators and autograd, in float64.
@Suite(
  .enabled(
    if: PyTorch.isAvailable, "needs a Python with torch and numpy: set ATHANOR_PYTHON to it"))
struct PyTorchAgreementTests {
  private let folder: TemporaryFolder
  private let torch: PyTorchLosses

  init() throws {
    folder = try TemporaryFolder()
    torch = try PyTorchLosses(PyTorch.python)
  }

  /// Compares one loss with PyTorch; false where PyTorch has no operators for it.
  private func agrees<T: ArrayElement>(
    _ name: String, _ label: String, _ prediction: NumericArray, _ target: [T], _ shape: [Int],
    _ loss: (Tensor) -> Tensor
  ) throws -> Bool {
    let files = ["prediction", "target", "gradient"].map { folder.file("\($0).npy") }
    try NumPyFile.write(prediction, to: files[0])
    try NumPyFile.write(NumericArray(target, shape: shape), to: files[1])
    guard
      let value = try torch.value(
        of: name, prediction: files[0], target: files[1], gradient: files[2])
    else { return false }
    let variable = Tensor(
      try #require(prediction.elements(as: Double.self)), shape: prediction.shape
    ).variable()
    let result = loss(variable)
    let ours = try #require(gradients(of: result, for: [variable])[0]).doubles
    let theirs = try #require(NumPyFile.read(files[2]).elements(as: Double.self))
    #expect(
      abs(result.scalar - value) <= 1e-12 * max(1, abs(value)),
      "\(name), \(label): \(result.scalar), PyTorch \(value)")
    let apart = zip(ours, theirs).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
    let norm = theirs.map { $0 * $0 }.reduce(0, +).squareRoot()
    #expect(apart <= 1e-11 * norm, "\(name), \(label): gradients \(apart / norm) apart")
    return true
  }

  @Test func segmentationLossesAgree() throws {
    // The number of classes in the target, out of those in the logits.
    for (label, channels, shown) in [
      ("every class", 5, 5), ("two classes", 2, 2), ("absent classes", 7, 3),
    ] {
      var generator = Generator(channels, shown)
      let shape = [2, 11, 13, channels]
      let logits = (0..<shape.reduce(1, *)).map { _ in 2 * generator.normal() }
      // Blocks of three by two pixels, one seventh of them ignored.
      let blocks = (0..<200).map { _ -> UInt8 in
        generator.chance(1 / 7.0) ? 255 : UInt8(generator.integer(in: 0..<shown))
      }
      let target = (0..<286).map { i -> UInt8 in
        let (image, y, x) = (i / 143, i / 13 % 11, i % 13)
        return blocks[100 * image + y / 2 * 5 + x / 3]
      }
      for name in segmentationLosses.names {
        let loss = try segmentationLosses.make(Selection(name), at: name)
        let mask = Tensor(target, shape: [2, 11, 13])
        let isKnown = try agrees(
          name, label, NumericArray(logits, shape: shape), target, [2, 11, 13]
        ) { loss($0, mask) }
        #expect(isKnown || !PyTorch.hasSciPy, "\(name): not in PyTorch's script")
      }
    }
  }

  @Test func boxLossesAgree() throws {
    var generator = Generator(3)
    func box(_ x: Double, _ y: Double, _ side: Double) -> [Double] {
      [x, y, x + side * generator.uniform(0.5, 1), y + side * generator.uniform(0.5, 1)]
    }
    // Overlapping, far apart, and one inside the other.
    let (near, far, small) = (0..<40, 40..<60, 60..<80)
    let truth = (0..<80).flatMap { _ in box(generator.uniform(0, 9), generator.uniform(0, 9), 20) }
    let prediction = (0..<80).flatMap { i -> [Double] in
      let (x, y) = (truth[4 * i], truth[4 * i + 1])
      if near ~= i { return box(x + generator.uniform(-4, 4), y + generator.uniform(-4, 4), 20) }
      return far ~= i ? box(x + 50, y + 30, 20) : box(x + 1, y + 1, small ~= i ? 5 : 20)
    }
    for name in boxLosses.names {
      let loss = try boxLosses.make(Selection(name), at: name)
      let target = Tensor(truth, shape: [80, 4])
      let isKnown = try agrees(
        name, "boxes", NumericArray(prediction, shape: [80, 4]), truth, [80, 4]
      ) { loss($0, target).sum() }
      #expect(isKnown, "\(name): not in PyTorch's script")
    }
  }
}
