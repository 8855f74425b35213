import AthanorCore
import AthanorExperiment

extension Report {
  /// `report.tex`: the table of results for a paper, to include with `\input` in a document that
  /// uses the package booktabs.
  var latex: String {
    let table = hasResults ? resultTable : runTable
    return """
      % \(Self.lineOfComment(title)), by athanor report. Needs \\usepackage{booktabs}.
      \\begin{table}
        \\centering
        \\caption{\(LaTeX.escape(table.caption))}
      \(table.latex)\\end{table}

      """
  }

  private static func lineOfComment(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}

extension ReportTable {
  /// A `tabular` with booktabs rules: group headings above their columns, the best values in bold.
  var latex: String {
    let kinds = columns.map { $0.isNumeric ? "r" : "l" }.joined()
    var lines = ["\\begin{tabular}{\(kinds)}", "\\toprule"]
    func row(_ cells: [String]) -> String { cells.joined(separator: " & ") + " \\\\" }
    if columns.contains(where: { !$0.group.isEmpty }) {
      var (cells, rules, index) = ([String](), [String](), 0)
      while index < columns.count {
        let group = columns[index].group
        let width = columns[index...].prefix { $0.group == group }.count
        cells.append("\\multicolumn{\(width)}{c}{\(LaTeX.escape(group))}")
        if !group.isEmpty { rules.append("\\cmidrule(lr){\(index + 1)-\(index + width)}") }
        index += width
      }
      lines += [row(cells), rules.joined(separator: " ")]
    }
    lines += [row(columns.map { LaTeX.escape($0.title) }), "\\midrule"]
    lines += rows.map { cells in
      row(
        cells.map { cell in
          let text = LaTeX.escape(cell.text)
          return cell.isStrong ? "\\textbf{\(text)}" : text
        })
    }
    lines += ["\\bottomrule", "\\end{tabular}"]
    return lines.map { "  \($0)\n" }.joined()
  }
}

/// Escapes text so that LaTeX shows it unchanged.
enum LaTeX {
  private static let replacements: [Character: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
    "%": "\\%", "_": "\\_", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}", "<": "$<$",
    ">": "$>$", "|": "$|$", "±": "$\\pm$", "−": "$-$", "Δ": "$\\Delta$", "σ": "$\\sigma$",
    "×": "$\\times$", "–": "--", "√": "$\\surd$", "≥": "$\\ge$", "≤": "$\\le$", "Σ": "$\\Sigma$",
    "·": "$\\cdot$", "\u{A0}": "~", "\n": " ",
  ]

  static func escape(_ text: String) -> String {
    text.map { replacements[$0] ?? String($0) }.joined()
  }
}
