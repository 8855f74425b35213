import AthanorCore
import AthanorExperiment
import Foundation

extension Report {
  /// The most planes that are drawn; with three tasks, every pair has one.
  private static let mostPlanes = 3

  /// One plane for each pair of tasks.
  func drawPlanes() throws -> [ReportFigures.Figure] {
    let tasks = taskMeasures
    let pairs = tasks.indices.flatMap { i in (i + 1..<tasks.count).map { (i, $0) } }
    return try pairs.prefix(Self.mostPlanes).enumerated().compactMap { number, pair in
      try drawPlane(
        tasks[pair.0], tasks[pair.1], name: number == 0 ? "plane" : "plane-\(number + 1)")
    }
  }

  /// The plane of two tasks' headlines: a numbered point per method with the standard deviations
  /// over the seeds, the front of fixed weights as a line, and the result of each task alone as
  /// dotted lines.
  ///
  /// Nil where no method has both metrics.
  private func drawPlane(
    _ first: TaskMeasures, _ second: TaskMeasures, name: String
  ) throws -> ReportFigures.Figure? {
    let points = methods.indices.compactMap { index -> (index: Int, x: Spread, y: Spread)? in
      guard let x = methods[index].spread(first.headline),
        let y = methods[index].spread(second.headline)
      else { return nil }
      return (index, x, y)
    }
    guard !points.isEmpty else { return nil }
    let alone = [first, second].map { measures in
      let single = methods.filter { $0.tasks == [measures.task.name] }
      return single.count == 1 ? single[0].spread(measures.headline)?.mean : nil
    }
    let (x, y) = (first.headline.title, second.headline.title)
    var script = """
      set xlabel \(Gnuplot.quoted("\(x) on test"))
      set ylabel \(Gnuplot.quoted("\(y) on test"))
      set xrange \(Self.range(points.flatMap { $0.x.ends } + [alone[0]].compactMap(\.self)))
      set yrange \(Self.range(points.flatMap { $0.y.ends } + [alone[1]].compactMap(\.self)))
      unset key

      """
    let dotted = "nohead dashtype 3 linewidth 1.5 linecolor '\(Gnuplot.color(Mark.gray))'\n"
    if let x = alone[0] { script += "set arrow from \(x), graph 0 to \(x), graph 1 " + dotted }
    if let y = alone[1] {
      script += "set arrow from graph 0, first \(y) to graph 1, first \(y) " + dotted
    }
    var plots: [String] = []
    for (number, front) in fronts.enumerated() {
      let line = front.compactMap { index in points.first { $0.index == index } }
      guard line.count > 1 else { continue }
      script += Gnuplot.data("front\(number)", line.map { [$0.x.mean, $0.y.mean] })
      plots.append(
        "$front\(number) using 1:2 with lines linewidth 2 "
          + "linecolor '\(Gnuplot.color(Mark.gray))' notitle")
    }
    for point in points {
      let mark = mark(point.index)
      script += Gnuplot.data(
        "point\(point.index)",
        [[point.x.mean, point.y.mean, point.x.deviation ?? 0, point.y.deviation ?? 0]])
      plots.append(
        "$point\(point.index) using 1:2:3:4 with xyerrorbars pointtype \(mark.shape.number) "
          + "pointsize \(methods[point.index].role == .front ? 0.8 : 1.2) linewidth 1.2 "
          + "linecolor '\(Gnuplot.color(mark.color))' notitle")
    }
    script += Gnuplot.data(
      "numbers", points.map { [$0.x.mean, $0.y.mean, Double($0.index + 1)] })
    plots.append(
      "$numbers using 1:2:(sprintf('%d', $3)) with labels left offset 0.7,0.6 "
        + "textcolor '\(Gnuplot.ink)' notitle")
    let svg = try Gnuplot(width: 760, height: 470).svg(
      script + "set bars 0.4\nplot \(plots.joined(separator: ", "))", figure: "\(x) and \(y)")
    return ReportFigures.Figure(
      name: name, label: "\(y) over \(x) on test for \(points.count) methods", svg: svg)
  }

  /// The methods with constant weights in the order of their ratio, separately for each recipe.
  private var fronts: [[Int]] {
    var fronts: [[Int]] = []
    for index in methods.indices where methods[index].logRatio != nil {
      let place = fronts.firstIndex { front in
        ConfigKeys.differences(
          among: [methods[front[0]].keys, methods[index].keys],
          ignoring: ["weighting"] + MethodLabels.incidental + tuned
        ).isEmpty
      }
      if let place { fronts[place].append(index) } else { fronts.append([index]) }
    }
    return fronts.map { $0.sorted { methods[$0].logRatio! < methods[$1].logRatio! } }
  }

  /// The headlines over the ratio of the fixed weights. Nil for fewer than three ratios, and where
  /// several recipes each have a front.
  func drawFront() throws -> ReportFigures.Figure? {
    guard fronts.count == 1, fronts[0].count > 2 else { return nil }
    let front = fronts[0].map { methods[$0] }
    let (tasks, measured) = (front[0].tasks, taskMeasures)
    let others = tasks.count == 2 ? tasks[1] : "the others"
    var script = """
      set xlabel \(Gnuplot.quoted("weight of \(tasks[0]) : weight of \(others)"))
      set logscale x 2
      set xrange [\(exp(front[0].logRatio!) / 1.3):\(exp(front.last!.logRatio!) * 1.3)]
      set xtics (\(front.map { "\(exp($0.logRatio!))" }.map { "'\(Self.short($0))' \($0)" }
        .joined(separator: ", ")))
      unset key

      """
    var plots: [String] = []
    let colors = TaskColor.indices(measured.map(\.task.name))
    for (index, measures) in measured.enumerated() {
      let measure = measures.headline
      let rows = front.compactMap { method in
        method.spread(measure).map { [exp(method.logRatio!), $0.mean, $0.deviation ?? 0] }
      }
      guard !rows.isEmpty else { continue }
      script += Gnuplot.data("metric\(index)", rows)
      plots.append(
        "$metric\(index) using 1:2:3 with yerrorlines pointtype 7 pointsize 0.8 linewidth 1.8 "
          + "linecolor '\(Gnuplot.color(colors[index]))' notitle")
    }
    guard !plots.isEmpty else { return nil }
    let svg = try Gnuplot(width: 760, height: 340).svg(
      script + "set bars 0.4\nplot \(plots.joined(separator: ", "))", figure: "fixed weights")
    return ReportFigures.Figure(
      name: "front",
      label: "\(measured.map(\.headline.title).joined(separator: " and ")) on test over the ratio "
        + "of the fixed weights", svg: svg)
  }

  private static func short(_ number: String) -> String {
    String(format: "%.3g", Double(number) ?? 0)
  }

  /// An axis slightly longer than the range of the values.
  private static func range(_ values: [Double]) -> String {
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    let margin = max((high - low) * 0.12, 0.005)
    return "[\(low - margin):\(high + margin)]"
  }
}

extension Spread {
  /// The ends of the bar of one standard deviation.
  fileprivate var ends: [Double] { [mean - (deviation ?? 0), mean + (deviation ?? 0)] }
}
