import AthanorCore
import AthanorExperiment
import Foundation

/// The figures of a report, for its page and as files.
struct ReportFigures: Sendable {
  struct Figure: Sendable {
    /// The name of its file, and its id in the page.
    var name: String
    /// A description for readers who cannot see the figure.
    var label: String
    /// The SVG that gnuplot drew, without a background.
    var svg: String

    var inline: HTML { InlineSVG.adapt(svg, id: name, label: label) }
    /// The path of its file, relative to the report's folder.
    var file: String { "figures/\(name).svg" }

    /// The figure on a white background, legible in any surroundings.
    var standalone: String {
      let ground = #"<rect width="100%" height="100%" fill="white"/>"#
      guard let tag = svg.range(of: "<svg"),
        let end = svg[tag.upperBound...].firstIndex(of: ">")
      else { return svg }
      return "\(svg[...end])\(ground)\(svg[svg.index(after: end)...])"
    }
  }

  /// Curves of one quantity, one panel per method, all with the same axes.
  struct Curves: Sendable {
    var quantity: StepCurves.Quantity
    var names: [String]
    var panels: [(method: Int, figure: Figure)]
  }

  /// One plane for each pair of tasks.
  var planes: [Figure] = []
  var front: Figure?
  var curves: [Curves] = []

  var all: [Figure] {
    planes + [front].compactMap(\.self) + curves.flatMap { $0.panels.map(\.figure) }
  }

  /// Writes every figure to a file of its own. Throws `FileError`.
  func write(to folder: String) throws {
    guard !all.isEmpty else { return }
    try makeFolder("\(folder)/figures")
    for figure in all { try AtomicFile.write(figure.standalone, to: "\(folder)/\(figure.file)") }
  }
}

extension Report {
  /// How a method's point is drawn: a colour of the palette and a shape.
  struct Mark {
    /// gnuplot's number of a shape, and the same shape as text.
    static let shapes: [(number: Int, text: String)] = [
      (7, "●"), (5, "■"), (9, "▲"), (11, "▼"), (13, "◆"),
    ]
    /// The index of gray, which is reserved for the front.
    static let gray = 6

    var color: Int
    var shape: (number: Int, text: String)
  }

  /// The mark of a method. Colours vary first, then shapes: every combination is used before any
  /// repeats.
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

  /// Draws the figures for which there are numbers. A note says which figures are missing and why;
  /// a failure in one figure does not affect the others.
  mutating func drawFigures() -> ReportFigures {
    var figures = ReportFigures()
    notes += competing.flatMap { curves(of: methods[$0]).left }
    var failures: [(reason: String, figures: [String])] = []
    func attempt<Result>(_ draw: () throws -> Result?) -> Result? {
      do { return try draw() } catch {
        let failure = error as? Gnuplot.Failure
        let (reason, name) = (failure?.reason ?? "\(error)", failure?.figure ?? "a figure")
        if let place = failures.firstIndex(where: { $0.reason == reason }) {
          failures[place].figures.append(name)
        } else {
          failures.append((reason, [name]))
        }
        return nil
      }
    }
    figures.planes = attempt { try drawPlanes() } ?? []
    figures.front = attempt { try drawFront() }
    figures.curves = StepCurves.Quantity.allCases.compactMap { quantity in
      attempt { try drawCurves(quantity) }
    }
    notes += failures.map {
      "Figures are missing (\($0.figures.joined(separator: "; "))): \($0.reason)."
    }
    return figures
  }
}
