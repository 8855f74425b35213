import AthanorCore
import AthanorExperiment
import AthanorKernels
import AthanorLosses
import AthanorTensor
import Foundation

/// The implementation of `athanor bench losses`: times value and gradient of every segmentation
/// loss on a large batch and of every box loss on many boxes, and compares them with a copy's
/// bandwidth and, where a Python with PyTorch is given, with PyTorch's eager operators.
public struct LossBenchmark {
  public var batch = 8
  public var size = 512
  public var classes = 21
  public var boxes = 100_000
  /// Runs of each loss; with PyTorch, the two alternate.
  public var repeats = 3
  /// A Python that can import torch.
  public var python: String?

  public init() {}

  public struct Row: Sendable {
    public var loss: String
    /// Medians over the runs.
    public var milliseconds: Double
    public var torchMilliseconds: Double?
    /// Peak bytes of tensors in addition to the prediction and its gradient.
    public var extraBytes: Int
  }

  public struct Report: Sendable {
    /// The shape of the logits.
    public var shape: [Int]
    public var boxes: Int
    public var threads: Int
    /// Bytes per second, read and written.
    public var copyBandwidth: Double
    public var segmentation: [Row]
    public var box: [Row]
  }

  /// Checks that there is memory for the logits and their gradient together.
  private func require(memoryFor shape: [Int]) throws {
    let needed = 8 * shape.reduce(1.0) { $0 * Double($1) }
    guard let memory = AvailableMemory.now, needed > Double(memory.bytes) else { return }
    throw MemoryError(
      purpose: "logits of shape \(shape)", needed: Int(clamping: Int64(min(needed, 0x1p62))),
      available: memory.bytes, bound: memory.bound)
  }

  /// Errors: `SettingsError` for options out of range, `MemoryError`, `PyTorchLosses.Failure`.
  public func callAsFunction() throws -> Report {
    for (key, value) in [
      ("--batch", batch), ("--size", size), ("--classes", classes), ("--boxes", boxes),
      ("--repeat", repeats),
    ] where value < 1 {
      throw SettingsError(key: key, expected: "1 or more", received: "\(value)")
    }
    let shape = [batch, size, size, classes]
    try require(memoryFor: shape)
    let torch = try python.map {
      try PyTorchLosses($0, shape: shape, boxes: boxes, threads: Threads.count)
    }
    let (logits, target) = makeBatch(shape)
    let (prediction, truth) = makeBoxes()
    let bandwidth = copyBandwidth(logits)
    let bar = ProgressBar(
      "bench losses", total: segmentationLosses.names.count + boxLosses.names.count, unit: "loss")
    var (segmentation, box) = ([Row](), [Row]())
    for name in segmentationLosses.names {
      let loss = try segmentationLosses.make(Selection(name), at: name)
      segmentation.append(try row(name, logits, torch) { loss($0, target) })
      bar.update(segmentation.count)
    }
    for name in boxLosses.names {
      let loss = try boxLosses.make(Selection(name), at: name)
      box.append(try row(name, prediction, torch) { loss($0, truth).sum() })
      bar.update(segmentation.count + box.count)
    }
    bar.finish()
    return Report(
      shape: shape, boxes: boxes, threads: Threads.count, copyBandwidth: bandwidth,
      segmentation: segmentation, box: box)
  }

  private func row(
    _ name: String, _ prediction: Tensor, _ torch: PyTorchLosses?, _ loss: (Tensor) -> Tensor
  ) throws -> Row {
    var (ours, theirs) = ([Double](), [Double]())
    var extra = 0
    for i in 0...repeats {
      Allocator.resetPeak()
      let before = Allocator.peakBytes
      let time = ContinuousClock().measure {
        let variable = prediction.variable()
        _ = gradients(of: loss(variable), for: [variable])
      }
      extra = max(extra, Allocator.peakBytes - before - prediction.storage.byteCount)
      // The first run of each implementation is a warm-up.
      if i > 0 { ours.append(1e3 * time.seconds) }
      if let torch, let time = try torch.milliseconds(of: name), i > 0 { theirs.append(time) }
    }
    return Row(
      loss: name, milliseconds: median(ours),
      torchMilliseconds: theirs.isEmpty ? nil : median(theirs), extraBytes: max(0, extra))
  }

  /// Blocks of classes, as in real masks, and a border of ignored pixels.
  private func makeBatch(_ shape: [Int]) -> (logits: Tensor, target: Tensor) {
    var generator = Generator(0)
    let logits = (0..<shape.reduce(1, *)).map { _ in Float(generator.uniform(-3, 3)) }
    let labels = (0..<(batch * size * size)).map { i -> UInt8 in
      let (y, x) = (i / size % size, i % size)
      return x % 97 == 0 ? 255 : UInt8((x / 37 * 7 + y / 29 * 13) % max(2, classes))
    }
    return (Tensor(logits, shape: shape), Tensor(labels, shape: Array(shape.dropLast())))
  }

  /// Boxes a few pixels wide, and other boxes near them.
  private func makeBoxes() -> (prediction: Tensor, truth: Tensor) {
    var generator = Generator(1)
    let truth = (0..<boxes).flatMap { _ -> [Float] in
      let (x, y) = (generator.uniform(0, 400), generator.uniform(0, 400))
      return [x, y, x + generator.uniform(8, 100), y + generator.uniform(8, 100)].map { Float($0) }
    }
    let prediction = truth.map { $0 + Float(generator.uniform(-4, 4)) }
    return (Tensor(prediction, shape: [boxes, 4]), Tensor(truth, shape: [boxes, 4]))
  }

  private func copyBandwidth(_ logits: Tensor) -> Double {
    let copy = Tensor(uninitialized: logits.shape, .float32)
    let (from, to) = (logits.pointer(to: Float.self), copy.pointer(to: Float.self))
    let clock = ContinuousClock()
    let best = (0..<5).map { _ in
      clock.measure {
        parallelRanges(logits.count, grain: 65536) { range in
          (to + range.lowerBound).update(from: from + range.lowerBound, count: range.count)
        }
      }
    }.min()!
    return 8 * Double(logits.count) / best.seconds
  }
}
