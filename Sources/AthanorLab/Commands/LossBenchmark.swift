import AthanorCore
import AthanorKernels
import AthanorLosses
import AthanorTensor
import Foundation

/// What `athanor bench losses` does: value and gradient of every segmentation loss on a large batch,
/// beside a copy's bandwidth and, where a Python with PyTorch is given, PyTorch's eager operators.
public struct LossBenchmark {
  public var batch = 8
  public var size = 512
  public var classes = 21
  /// Runs of each loss; with PyTorch in turn, one of either side.
  public var repeats = 3
  /// A Python that can import torch.
  public var python: String?

  public init() {}

  public struct Row: Sendable {
    public var loss: String
    /// Medians over the runs.
    public var milliseconds: Double
    public var torchMilliseconds: Double?
    /// Reading the logits for value and gradient and writing the gradient, over what a copy moves in
    /// the same time.
    public var shareOfCopy: Double
    /// Bytes of tensors beyond logits and gradient at the most.
    public var extraBytes: Int
  }

  public struct Report: Sendable {
    public var shape: [Int]
    public var threads: Int
    /// Bytes a second, read and written.
    public var copyBandwidth: Double
    public var rows: [Row]
  }

  /// Errors: `SettingsError` where the options cannot be; `PyTorchLosses.Failure`.
  public func callAsFunction() throws -> Report {
    for (key, value) in [
      ("--batch", batch), ("--size", size), ("--classes", classes), ("--repeat", repeats),
    ] where value < 1 {
      throw SettingsError(key: key, expected: "1 or more", received: "\(value)")
    }
    let shape = [batch, size, size, classes]
    let pixels = batch * size * size
    var generator = Generator(0)
    let logits = Tensor(
      (0..<(pixels * classes)).map { _ in Float(generator.uniform(-3, 3)) }, shape: shape)
    // Blocks of classes, as masks have them, and a border that is ignored.
    let labels = (0..<pixels).map { i -> UInt8 in
      let (y, x) = (i / size % size, i % size)
      return x % 97 == 0 ? 255 : UInt8((x / 37 * 7 + y / 29 * 13) % max(2, classes))
    }
    let target = Tensor(labels, shape: Array(shape.dropLast()))
    let torch = try python.map { try PyTorchLosses($0, shape: shape, threads: Threads.count) }
    let bandwidth = copyBandwidth(logits)
    let moved = 3 * 4 * Double(pixels * classes)
    let bar = ProgressBar(
      "bench losses", total: segmentationLosses.names.count, unit: "loss")
    var rows: [Row] = []
    for name in segmentationLosses.names {
      let loss = try segmentationLosses.make(Selection(name), at: name)
      var (ours, theirs) = ([Double](), [Double]())
      var extra = 0
      for i in 0...repeats {
        Allocator.resetPeak()
        let before = Allocator.peakBytes
        let clock = ContinuousClock()
        let time = clock.measure {
          let variable = logits.variable()
          _ = gradients(of: loss(variable, target), for: [variable])
        }
        extra = max(extra, Allocator.peakBytes - before - 4 * pixels * classes)
        // The first run of either warms up.
        if i > 0 { ours.append(1e3 * time.seconds) }
        if let torch, let time = try torch.milliseconds(of: name), i > 0 { theirs.append(time) }
      }
      let milliseconds = median(ours)
      rows.append(
        Row(
          loss: name, milliseconds: milliseconds,
          torchMilliseconds: theirs.isEmpty ? nil : median(theirs),
          shareOfCopy: moved / (1e-3 * milliseconds) / bandwidth, extraBytes: max(0, extra)))
      bar.update(rows.count)
    }
    bar.finish()
    return Report(
      shape: shape, threads: Threads.count, copyBandwidth: bandwidth, rows: rows)
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

extension LossBenchmark.Report {
  public var json: JSON {
    [
      "shape": .array(shape.map { .integer($0) }), "threads": .integer(threads),
      "copyBandwidth": .number(copyBandwidth),
      "results": .array(
        rows.map { row in
          [
            "loss": .string(row.loss), "milliseconds": .number(row.milliseconds),
            "nanosecondsPerPixel": .number(nanoseconds(row)),
            "shareOfCopy": .number(row.shareOfCopy), "extraBytes": .integer(row.extraBytes),
            "torchMilliseconds": row.torchMilliseconds.map { .number($0) } ?? .null,
            "speedup": row.torchMilliseconds.map { .number($0 / row.milliseconds) } ?? .null,
          ]
        }),
    ]
  }

  /// A Markdown table.
  public var markdown: String {
    var text = "| loss | ms | ns/pixel | GB/s | of copy | extra MB | PyTorch ms | speedup |\n"
    text += "|---|---|---|---|---|---|---|---|\n"
    for row in rows {
      let torch = row.torchMilliseconds
      text +=
        "| \(row.loss) | \(fixed(row.milliseconds, 1)) | \(fixed(nanoseconds(row), 1)) | "
        + "\(fixed(row.shareOfCopy * copyBandwidth / 1e9, 1)) | "
        + "\(fixed(100 * row.shareOfCopy, 0)) % | \(fixed(Double(row.extraBytes) / 1e6, 0)) | "
        + "\(torch.map { fixed($0, 1) } ?? "–") | "
        + "\(torch.map { fixed($0 / row.milliseconds, 1) } ?? "–") |\n"
    }
    let sides = shape.map(String.init).joined(separator: "×")
    return text
      + "\nLogits \(sides), float32, value and gradient, \(threads) threads; a copy moves "
      + "\(fixed(copyBandwidth / 1e9, 1)) GB/s.\n"
  }

  private func nanoseconds(_ row: LossBenchmark.Row) -> Double {
    1e6 * row.milliseconds / Double(shape.dropLast().reduce(1, *))
  }
}
