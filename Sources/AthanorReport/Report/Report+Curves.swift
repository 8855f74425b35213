import AthanorCore
import AthanorExperiment
import Foundation

extension StepCurves.Quantity {
  /// The title of its curves in the page.
  var title: String {
    switch self {
    case .losses: "Losses"
    case .weights: "Task weights"
    case .sigmas: "Learned σ"
    case .gradientNorms: "Gradient norms on the shared features"
    case .cosines: "Cosine between the tasks' gradients on the shared features"
    }
  }

  fileprivate var isSigned: Bool { self == .cosines }
}

extension Report {
  /// The curves of a method's runs that can be averaged, and the runs that are left out: those that
  /// cannot be read, and those of another length than most.
  func curves(of method: Method) -> (kept: [StepCurves], left: [String]) {
    let lengths = Dictionary(grouping: method.runs.map(\.curves).filter { $0.problem == nil }) {
      $0.steps
    }
    let usual = lengths.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
    let left = method.runs.compactMap { run -> String? in
      if let problem = run.curves.problem { return "\(run.id): no curves. \(problem)." }
      guard let usual, run.curves.steps != usual.key else { return nil }
      return "\(run.id): no curves. \(run.curves.steps) steps, where most runs of its method have "
        + "\(usual.key)."
    }
    return (usual?.value ?? [], left)
  }

  /// One panel for each method that has curves of the quantity; methods that are only points of the
  /// front have none. Nil without any panel.
  func drawCurves(_ quantity: StepCurves.Quantity) throws -> ReportFigures.Curves? {
    let panels = competing.compactMap { index -> Panel? in
      let runs = curves(of: methods[index]).kept
      let names = Set(runs.flatMap { $0.curves[quantity].map { Array($0.keys) } ?? [] })
      guard !names.isEmpty else { return nil }
      return Panel(
        method: index, middles: runs[0].middles,
        curves: Dictionary(
          uniqueKeysWithValues: names.map { ($0, StepCurves.mean(quantity, $0, of: runs)) }))
    }
    let values = panels.flatMap { $0.curves.values.flatMap { $0.compactMap(\.self) } }
    guard let low = values.min(), let high = values.max() else { return nil }
    let names = Set(panels.flatMap(\.curves.keys)).sorted()
    let axes = Self.axes(low, high, isSigned: quantity.isSigned)
    let drawn = try panels.map { panel in
      let label = "\(quantity.title) of \(methods[panel.method].label) over steps"
      return (
        panel.method,
        ReportFigures.Figure(
          name: "\(quantity.rawValue)-\(panel.method + 1)", label: label,
          svg: try Gnuplot(width: 380, height: 240).svg(
            axes + panel.script(names), figure: label))
      )
    }
    return ReportFigures.Curves(quantity: quantity, names: names, panels: drawn)
  }

  /// Axes that all panels of a quantity share.
  private static func axes(_ low: Double, _ high: Double, isSigned: Bool) -> String {
    let common =
      "set xlabel 'step'\nset format y '%g'\nset xtics autofreq\nunset key\n"
      + "set tmargin 0.6\nset tics scale 0.6\n"
    if isSigned {
      let reach = max(abs(low), abs(high), 0.05) * 1.1
      return common + "set yrange [\(-reach):\(reach)]\nset xzeroaxis linecolor '\(Gnuplot.ink)'\n"
    }
    if low > 0, high > 4 * low {
      let range = (low / 1.1)...(high * 1.1)
      return common + "set logscale y\nset yrange [\(range.lowerBound):\(range.upperBound)]\n"
        + "set ytics (\(tics(range).map { "\($0)" }.joined(separator: ", ")))\n"
    }
    let margin = max((high - low) * 0.08, abs(high) * 0.02)
    return common + "set yrange [\(low - margin):\(high + margin)]\n"
  }
}

extension Report {
  /// 1, 2 and 5 times every power of ten in the range; in a long range only the powers.
  static func tics(_ range: ClosedRange<Double>) -> [Double] {
    let powers =
      Int(log10(range.lowerBound).rounded(.down))...Int(log10(range.upperBound).rounded(.down))
    let digits = powers.count > 3 ? [1.0] : [1, 2, 5]
    return powers.flatMap { power in digits.map { $0 * pow(10, Double(power)) } }
      .filter(range.contains)
  }
}

/// The curves of one method.
private struct Panel {
  var method: Int
  var middles: [Double]
  var curves: [String: StepCurves.Curve]

  /// The gnuplot commands of the panel; a stretch without records does not break a line.
  func script(_ names: [String]) -> String {
    var script = "set xrange [0:\((middles.last ?? 1) + (middles.first ?? 0))]\n"
    var plots: [String] = []
    for (index, (name, color)) in zip(names, TaskColor.indices(names)).enumerated() {
      let points = zip(middles, curves[name] ?? []).filter { $1 != nil }
      guard !points.isEmpty else { continue }
      script += Gnuplot.data("curve\(index)", points.map { [$0, $1] })
      plots.append(
        "$curve\(index) using 1:2 with \(points.count > 1 ? "lines" : "points pointtype 7") "
          + "linewidth 1.8 linecolor '\(Gnuplot.color(color))' notitle")
    }
    return script + "plot \(plots.joined(separator: ", "))"
  }
}
