import AthanorCore

/// `results.png`: every number of `history.csv` over the epochs, related ones in one panel.
public struct HistoryFigure: Sendable {
  /// Curves of one panel: what the panel is called and the columns drawn in it.
  public struct Panel: Equatable, Sendable {
    public var title: String
    public var columns: [String]
    public var isLogarithmic: Bool

    public init(_ title: String, _ columns: [String], isLogarithmic: Bool = false) {
      self.title = title
      self.columns = columns
      self.isLogarithmic = isLogarithmic
    }
  }

  public var table: Table
  public var panels: [Panel]

  /// - Parameter table: `history.csv`, with a column `epoch`.
  public init(_ table: Table, panels: [Panel]) {
    self.table = table
    self.panels = panels.filter { panel in
      panel.columns.contains { table.numbers($0).contains { $0 != nil } }
    }
  }

  public func draw(to path: String) throws {
    let across = panels.count <= 4 ? 2 : 3
    let down = max(1, (panels.count + across - 1) / across)
    let epochs = table.numbers("epoch").map { $0.map { $0 + 1 } }
    var script = "set multiplot layout \(down),\(across)\nset xlabel 'epoch'\n"
    for (number, panel) in panels.enumerated() {
      let columns = panel.columns.filter { table.numbers($0).contains { $0 != nil } }
      let values = columns.map(table.numbers)
      script += Gnuplot.data(
        "panel\(number)", epochs.indices.map { row in [epochs[row]] + values.map { $0[row] } })
      script += "set title \(Gnuplot.quoted(panel.title))\n"
      script += panel.isLogarithmic ? "set logscale y\n" : "unset logscale y\n"
      script += panel.isLogarithmic ? "set format y '%g'\n" : "set format y '%g'\n"
      script += epochs.count < 2 ? "set xrange [0:2]\n" : "set xrange [*:*]\n"
      let curves = columns.enumerated().map { index, column in
        "$panel\(number) using 1:\(index + 2) with linespoints pointtype 7 pointsize 0.5 "
          + "linewidth 2 linecolor '\(Gnuplot.color(index))' title \(Gnuplot.quoted(column))"
      }
      script += "plot \(curves.joined(separator: ", "))\n"
    }
    script += "unset multiplot"
    try Gnuplot(width: 480 * across, height: 340 * down).draw(script, to: path)
  }
}
