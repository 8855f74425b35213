import AthanorCore

/// `pr_curve.png`: precision over recall, one curve per class and their mean.
public struct PrecisionRecallFigure: Sendable {
  public struct Curve: Sendable {
    public var name: String
    /// Average precision, written beside the name.
    public var ap: Double
    /// Precision at `recall[i]`, both in 0…1.
    public var precision: [Double]

    public init(name: String, ap: Double, precision: [Double]) {
      self.name = name
      self.ap = ap
      self.precision = precision
    }
  }

  public var title: String
  public var recall: [Double]
  public var curves: [Curve]

  /// - `recall`: The recalls of the points; by default COCO's 101 recalls, 0 to 1.
  public init(
    title: String, recall: [Double] = (0...100).map { Double($0) / 100 }, curves: [Curve]
  ) {
    self.title = title
    self.recall = recall
    self.curves = curves
  }

  public func draw(to path: String) throws {
    let mean = recall.indices.map { i in
      curves.isEmpty ? nil : curves.reduce(0) { $0 + $1.precision[i] } / Double(curves.count)
    }
    let meanAP = curves.isEmpty ? 0 : curves.reduce(0) { $0 + $1.ap } / Double(curves.count)
    var script = Gnuplot.data(
      "curves", recall.indices.map { i in [recall[i]] + curves.map { $0.precision[i] } + [mean[i]] }
    )
    script += """
      set title \(Gnuplot.quoted(title))
      set xlabel 'recall'
      set ylabel 'precision'
      set xrange [0:1]
      set yrange [0:1.02]
      set key outside right top

      """
    // With more curves than a legend can hold, they are thin grey lines without names.
    let named = curves.count <= 16
    var plots = curves.enumerated().map { index, curve in
      let legend = Gnuplot.quoted("\(curve.name) \(fixed(curve.ap, 3))")
      let style =
        named ? "linewidth 1.5 linecolor '\(Gnuplot.color(index))'" : "linecolor '#bbbbbb'"
      return "$curves using 1:\(index + 2) with lines \(style) "
        + (named ? "title \(legend)" : "notitle")
    }
    plots.append(
      "$curves using 1:\(curves.count + 2) with lines linewidth 3.5 linecolor '#333333' "
        + "title \(Gnuplot.quoted("all classes \(fixed(meanAP, 3))"))")
    try Gnuplot(width: 900, height: 640).draw(
      script + "plot \(plots.joined(separator: ", "))", to: path)
  }
}
