/// The figures of a report, ready to stand in its page.
struct ReportFigures: Sendable {
  /// Curves of one quantity, a panel a method, all with the same axes.
  struct Curves: Sendable {
    var quantity: StepCurves.Quantity
    var names: [String]
    var panels: [(method: Int, svg: HTML)]
  }

  var plane: HTML?
  var front: HTML?
  var curves: [Curves] = []
}

extension Report {
  /// How a method's point is drawn: a colour of the palette and a shape.
  struct Mark {
    /// gnuplot's number and the same shape as text.
    static let shapes: [(number: Int, text: String)] = [
      (7, "●"), (5, "■"), (9, "▲"), (11, "▼"), (13, "◆"),
    ]
    /// Gray is the front's.
    static let gray = 6

    var color: Int
    var shape: (number: Int, text: String)
  }

  /// Colours first, then shapes: as many methods are told apart as both give.
  func mark(_ index: Int) -> Mark {
    guard methods[index].role == .method else {
      return Mark(color: Mark.gray, shape: Mark.shapes[0])
    }
    let colors = Gnuplot.palette.indices.filter { $0 != Mark.gray }
    let place = methods[..<index].count { $0.role == .method }
    return Mark(
      color: colors[place % colors.count],
      shape: Mark.shapes[place / colors.count % Mark.shapes.count])
  }

  /// Draws what there are numbers for. Where gnuplot fails, a note says why figures are missing.
  mutating func drawFigures() -> ReportFigures {
    var figures = ReportFigures()
    do {
      figures.plane = try drawPlane()
      figures.front = try drawFront()
      for quantity in StepCurves.Quantity.allCases {
        if let curves = try drawCurves(quantity) { figures.curves.append(curves) }
      }
    } catch {
      notes.append("Figures are missing. \(error).")
    }
    return figures
  }
}
