import AthanorCore
import Foundation

/// Draws figures with the `gnuplot` program, as PNG or SVG according to the file's extension.
public struct Gnuplot: Sendable {
  /// gnuplot could not be run, or it reported an error.
  public struct Failure: Error, CustomStringConvertible {
    public var figure: String
    public var reason: String

    public var description: String { "\(figure): cannot draw the figure: \(reason)" }
  }

  /// The size in pixels.
  public var width: Int
  public var height: Int

  public init(width: Int = 1200, height: Int = 800) {
    self.width = width
    self.height = height
  }

  /// Colours that colour-blind readers can distinguish too (Okabe & Ito 2008).
  package static let palette = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999", "#000000",
  ]

  /// The colours of axes with their numbers, and of the grid behind the data.
  package static let (ink, rule) = ("#555555", "#dddddd")

  /// The common names of the palette's colours.
  private static let names = [
    "blue", "red", "green", "pink", "orange", "light blue", "gray", "black",
  ]

  package static func color(_ index: Int) -> String { palette[index % palette.count] }
  package static func colorName(_ index: Int) -> String { names[index % names.count] }

  /// Draws `commands` into `path`, which is replaced only once the figure is complete.
  ///
  /// Errors: throws `Failure` where gnuplot is missing or fails, `FileError` where the file cannot
  /// be written.
  public func draw(_ commands: String, to path: String) throws {
    let terminal =
      path.hasSuffix(".svg")
      ? "svg size \(width),\(height) dynamic font 'sans,14' background 'white'"
      : "pngcairo size \(width),\(height) font 'sans,11' background 'white'"
    try AtomicFile.write(render(commands, terminal, figure: path), to: path)
  }

  /// The figure as an SVG without a background, for a page that has one; `figure` names it in
  /// messages. Throws `Failure`.
  package func svg(_ commands: String, figure: String) throws -> String {
    let terminal = "svg size \(width),\(height) dynamic font 'sans,13'"
    return String(decoding: try render(commands, terminal, figure: figure), as: UTF8.self)
  }

  private func render(_ commands: String, _ terminal: String, figure name: String) throws -> [UInt8]
  {
    let script = """
      set encoding utf8
      set terminal \(terminal)
      set output
      set border 3 linecolor '\(Self.ink)'
      set tics nomirror
      set grid linetype 1 linewidth 0.7 linecolor '\(Self.rule)'
      set key noenhanced samplen 1.5 spacing 1.1
      set title noenhanced
      \(commands)

      """
    let outcome: ChildProcess.Outcome
    do {
      outcome = try ChildProcess.run("gnuplot", [], input: Array(script.utf8))
    } catch let error as ChildProcess.Failure where error.code == ENOENT {
      throw Failure(figure: name, reason: "gnuplot is not installed")
    } catch {
      throw Failure(figure: name, reason: "\(error)")
    }
    guard outcome.ending == .exited(0), !outcome.output.isEmpty else {
      let text = String(decoding: outcome.errors, as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      throw Failure(figure: name, reason: text.isEmpty ? "gnuplot: \(outcome.ending)" : text)
    }
    return outcome.output
  }

  /// A named block of data, for `plot $NAME`.
  package static func data(_ name: String, _ rows: some Sequence<[Double?]>) -> String {
    let lines = rows.map { row in
      row.map { value in value.flatMap { $0.isFinite ? "\($0)" : nil } ?? "NaN" }
        .joined(separator: " ")
    }
    return "$\(name) << EOD\n\(lines.joined(separator: "\n"))\nEOD\n"
  }

  /// The text in double quotes.
  package static func quoted(_ text: String) -> String {
    let escaped = text.replacingOccurrences(of: "\\", with: "\\\\")
      .replacingOccurrences(of: "\"", with: "\\\"").replacingOccurrences(of: "\n", with: " ")
    return "\"\(escaped)\""
  }
}
