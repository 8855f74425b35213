import AthanorCore
import AthanorExperiment

extension LossBenchmark.Report {
  public var json: JSON {
    [
      "shape": .array(shape.map { .integer($0) }), "boxes": .integer(boxes),
      "threads": .integer(threads), "copyBandwidth": .number(copyBandwidth),
      "results": .array(
        segmentation.map { row in
          object(
            row,
            [
              .init("nanosecondsPerPixel", .number(row.nanoseconds(pixels))),
              .init("shareOfCopy", .number(shareOfCopy(row))),
            ])
        }),
      "boxResults": .array(
        box.map { object($0, [.init("nanosecondsPerBox", .number($0.nanoseconds(boxes)))]) }),
    ]
  }

  private func object(_ row: LossBenchmark.Row, _ more: [JSON.Member]) -> JSON {
    .object(
      [.init("loss", .string(row.loss)), .init("milliseconds", .number(row.milliseconds))] + more
        + [
          .init("extraBytes", .integer(row.extraBytes)),
          .init("torchMilliseconds", row.torchMilliseconds.map { .number($0) } ?? .null),
          .init("speedup", row.speedup.map { .number($0) } ?? .null),
        ])
  }

  /// Two Markdown tables.
  public var markdown: String {
    var text = "| loss | ms | ns/pixel | GB/s | of copy | extra MB | PyTorch ms | speedup |\n"
    text += "|---|---|---|---|---|---|---|---|\n"
    for row in segmentation {
      let share = shareOfCopy(row)
      text +=
        "| \(row.loss) | \(fixed(row.milliseconds, 1)) | \(fixed(row.nanoseconds(pixels), 1)) | "
        + "\(fixed(share * copyBandwidth / 1e9, 1)) | \(fixed(100 * share, 0)) % | "
        + "\(fixed(Double(row.extraBytes) / 1e6, 0)) | \(row.torchCells)\n"
    }
    text += "\n| loss | ms | ns/box | PyTorch ms | speedup |\n|---|---|---|---|---|\n"
    for row in box {
      text +=
        "| \(row.loss) | \(fixed(row.milliseconds, 2)) | \(fixed(row.nanoseconds(boxes), 1)) | "
        + "\(row.torchCells)\n"
    }
    let sides = shape.map(String.init).joined(separator: "×")
    return text
      + "\nLogits \(sides), \(boxes) boxes, float32, value and gradient, \(threads) threads; "
      + "a copy moves \(fixed(copyBandwidth / 1e9, 1)) GB/s.\n"
  }

  private var pixels: Int { shape.dropLast().reduce(1, *) }

  /// The bandwidth of reading the logits for value and gradient and writing the gradient, as a
  /// share of a copy's bandwidth.
  private func shareOfCopy(_ row: LossBenchmark.Row) -> Double {
    3 * 4 * Double(shape.reduce(1, *)) / (1e-3 * row.milliseconds) / copyBandwidth
  }
}

extension LossBenchmark.Row {
  fileprivate func nanoseconds(_ count: Int) -> Double { 1e6 * milliseconds / Double(count) }

  fileprivate var speedup: Double? { torchMilliseconds.map { $0 / milliseconds } }

  fileprivate var torchCells: String {
    "\(torchMilliseconds.map { fixed($0, 1) } ?? "–") | \(speedup.map { fixed($0, 1) } ?? "–") |"
  }
}
