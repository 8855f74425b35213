import AthanorCore

/// `results.png`: every number of `history.csv` over the epochs, related numbers in one panel.
public struct HistoryFigure: Sendable {
  /// The curves of one panel: its title and the columns drawn in it.
  public struct Panel: Equatable, Sendable {
    public var title: String
    public var columns: [String]
    public var scale: Scale
    /// The task that determines the colour of the first column; nil: each column has the colour of
    /// its own task.
    public var task: String?

    public init(
      _ title: String, _ columns: [String], scale: Scale = .linear, of task: String? = nil
    ) {
      self.title = title
      self.columns = columns
      self.scale = scale
      self.task = task
    }

    /// The colour of a column; a task has the same colour in every figure.
    fileprivate func color(_ index: Int) -> Int {
      guard let task else {
        return TaskColor.indices(
          columns.map { $0.split(separator: "/").last.map(String.init) ?? $0 })[index]
      }
      let first = TaskColor.index(task)
      return index == 0 ? first : (index + (index <= first ? -1 : 0)) % Gnuplot.palette.count
    }
  }

  /// The range and scale of the vertical axis.
  public enum Scale: Sendable {
    case linear, logarithmic
    /// From 0 to 1.
    case share
  }

  public var table: Table
  public var panels: [Panel]

  /// - `table`: `history.csv`, with a column `epoch`.
  public init(_ table: Table, panels: [Panel]) {
    self.table = table
    self.panels = panels.filter { panel in
      panel.columns.contains { table.numbers($0).contains { $0 != nil } }
    }
  }

  public func draw(to path: String) throws {
    let across = panels.count <= 4 ? 2 : 3
    let down = max(1, (panels.count + across - 1) / across)
    let epochs = table.numbers("epoch")
    var script = "set multiplot layout \(down),\(across)\nset xlabel 'epoch'\n"
    for (number, panel) in panels.enumerated() {
      let columns = panel.columns.indices.filter { index in
        table.numbers(panel.columns[index]).contains { $0 != nil }
      }
      script += """
        set title \(Gnuplot.quoted(panel.title))
        set key below
        set format y '%g'
        \(panel.scale == .logarithmic ? "set logscale y" : "unset logscale y")
        set yrange \(panel.scale == .share ? "[0:1]" : "[*:*]")
        set xrange \(epochs.count < 2 ? "[0:2]" : "[1:\(epochs.count)]")

        """
      // One block per curve: a metric that is not measured every epoch is still drawn as a line.
      let curves = columns.map { index in
        let column = panel.columns[index]
        let points = zip(epochs, table.numbers(column)).filter { $1?.isFinite == true }
        let name = "curve\(number)_\(index)"
        script += Gnuplot.data(name, points.map { [$0, $1] })
        return "$\(name) with linespoints pointtype 7 pointsize 0.5 "
          + "linewidth 2 linecolor '\(Gnuplot.color(panel.color(index)))' "
          + "title \(Gnuplot.quoted(column))"
      }
      script += "plot \(curves.joined(separator: ", "))\n"
    }
    script += "unset multiplot"
    try Gnuplot(width: 480 * across, height: 340 * down).draw(script, to: path)
  }
}
