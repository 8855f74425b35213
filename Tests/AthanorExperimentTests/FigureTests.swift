import AthanorCore
import AthanorExperiment
import Foundation
import TestSupport
import Testing

/// The folder where figures are kept for inspection, or nil: `ATHANOR_FIGURES`.
private let keep = ProcessInfo.processInfo.environment["ATHANOR_FIGURES"]

private let hasGnuplot = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].contains {
  FileManager.default.isExecutableFile(atPath: "\($0)/gnuplot")
}

@Test(.enabled(if: hasGnuplot, "gnuplot is not installed"))
func figuresAreDrawn() throws {
  let folder = try TemporaryFolder()
  let out = keep ?? folder.path
  var table = Table(columns: ["epoch"])
  for epoch in 0..<12 {
    let t = Double(epoch)
    table.append([
      ("epoch", .integer(epoch)), ("segmentation", .number(2 / (t + 1))),
      ("detection", .number(3 / (t + 2))), ("mIoU", .number(1 - 1 / (t + 1.2))),
      ("AP", epoch % 2 == 0 ? .number(1 - 1 / (t + 1)) : .null),
      ("AP50", .number(1 - 0.8 / (t + 1))), ("learning_rate", .number(0.01 * (12 - t))),
      ("weight.segmentation", .number(1 + t / 12)), ("weight.detection", .number(1 - t / 24)),
    ])
  }
  let panels = [
    HistoryFigure.Panel("losses", ["segmentation", "detection"], scale: .logarithmic),
    .init("segmentation, val", ["mIoU"], scale: .share),
    .init("detection, val", ["AP", "AP50"], scale: .share),
    .init("weights", ["weight.segmentation", "weight.detection"]),
    .init("learning rate", ["learning_rate"]), .init("absent", ["absent"]),
  ]
  try HistoryFigure(table, panels: panels).draw(to: "\(out)/results.png")
  try HistoryFigure(table.rows(where: "epoch", isBelow: 1), panels: panels)
    .draw(to: "\(out)/one.svg")
  let curves = ["disc", "ring \"x\"", "back_slash\\"].enumerated().map { index, name in
    PrecisionRecallFigure.Curve(
      name: name, ap: 0.5,
      precision: (0...100).map { max(0, 1 - Double($0 * (index + 1)) / 150) })
  }
  try PrecisionRecallFigure(title: "Precision and recall on val at IoU 0.5", curves: curves)
    .draw(to: "\(out)/pr_curve.png")
  let names = ["background", "disc", "square", "ring_x", "absent"]
  try ConfusionFigure(
    title: "Confusion of pixels on val", names: names,
    counts: [
      [900, 30, 40, 10, 0], [50, 300, 5, 1, 0], [10, 5, 200, 0, 0], [30, 3, 0, 20, 0],
      [0, 0, 0, 0, 0],
    ]
  ).draw(to: "\(out)/confusion_matrix.png")
  for name in ["results.png", "pr_curve.png", "confusion_matrix.png"] {
    #expect(try AtomicFile.read("\(out)/\(name)").starts(with: [0x89, 0x50, 0x4E, 0x47]))
  }
  #expect(try TextFile.read("\(out)/one.svg").contains("<svg"))
  #expect(throws: (any Error).self) {
    try Gnuplot().draw("plot nonsense nonsense", to: folder.file("x.png"))
  }
}
