/// `confusion_matrix.png`: rows are the truth, columns the prediction; each row sums to 1.
public struct ConfusionFigure: Sendable {
  public var title: String
  public var names: [String]
  /// `counts[truth][prediction]`.
  public var counts: [[Int]]

  public init(title: String, names: [String], counts: [[Int]]) {
    self.title = title
    self.names = names
    self.counts = counts
  }

  public func draw(to path: String) throws {
    // A class that does not occur in the truth has an empty row.
    let cells: [[Double?]] = counts.indices.flatMap { y in
      let total = counts[y].reduce(0, +)
      return total == 0
        ? []
        : counts[y].indices.map { [Double($0), Double(y), Double(counts[y][$0]) / Double(total)] }
    }
    let tics = names.enumerated().map { "\(Gnuplot.quoted($1)) \($0)" }.joined(separator: ", ")
    var script = Gnuplot.data("cells", cells)
    let last = Double(names.count) - 0.5
    script += """
      set title \(Gnuplot.quoted(title))
      set xlabel 'prediction'
      set ylabel 'truth'
      set xrange [-0.5:\(last)]
      set yrange [\(last):-0.5]
      set xtics rotate by 40 right noenhanced (\(tics))
      set ytics noenhanced (\(tics))
      set cbrange [0:1]
      set palette defined (0 '#ffffff', 0.5 '#6baed6', 1 '#08306b')
      set cblabel 'share of the true class'
      unset grid
      unset key

      """
    var plot = "plot $cells using 1:2:3 with image pixels"
    if names.count <= 16 {
      // Dark text on light cells, light text on dark cells.
      for (condition, color) in [("<", "#222222"), (">=", "#ffffff")] {
        plot +=
          ", $cells using 1:2:($3 >= 0.005 && $3 \(condition) 0.5 ? sprintf('%.2f', $3) : '') "
          + "with labels textcolor '\(color)'"
      }
    }
    let side = min(1600, 320 + 52 * names.count)
    try Gnuplot(width: side + 140, height: side).draw(script + plot, to: path)
  }
}
