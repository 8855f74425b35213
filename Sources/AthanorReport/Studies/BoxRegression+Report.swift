import AthanorCore
import AthanorExperiment

extension BoxRegression {
  /// Writes `errors.csv` (one row per step), `table.csv` (one row per loss) and `convergence.png`
  /// into a folder.
  public static func write(_ curves: [Curve], to folder: String, force: Bool = false) throws {
    var outputs = OutputFiles(inputs: [], force: force)
    try outputs.claim(["errors.csv", "table.csv", "convergence.png"], in: folder)
    var errors = "step," + curves.map(\.name).joined(separator: ",") + "\n"
    for step in curves[0].errors.indices {
      errors += "\(step)," + curves.map { "\($0.errors[step])" }.joined(separator: ",") + "\n"
    }
    try AtomicFile.write(errors, to: "\(folder)/errors.csv")
    let rings = curves[0].leftByDistance.indices.map { "distance_\(0.5 * Double($0))" }
    let rows = curves.map { curve in
      "\(curve.name),\(curve.errors.last!),"
        + curve.leftByDistance.map { "\($0)" }.joined(separator: ",") + "\n"
    }
    try AtomicFile.write(
      "loss,final_error," + rings.joined(separator: ",") + "\n" + rows.joined(),
      to: "\(folder)/table.csv")
    try Gnuplot(width: 1000, height: 480).draw(figure(curves), to: "\(folder)/convergence.png")
  }

  /// The final error and the remaining error by distance, as a Markdown table.
  public static func markdown(_ curves: [Curve]) -> String {
    let rings = curves[0].leftByDistance.indices.map {
      "\(fixed(0.5 * Double($0), 1))–\(fixed(0.5 * Double($0 + 1), 1))"
    }
    var text = "| loss | final error | " + rings.joined(separator: " | ") + " |\n"
    text += "|---|---" + String(repeating: "|---", count: rings.count) + "|\n"
    for curve in curves {
      let left = curve.leftByDistance.map { fixed($0, 3) }.joined(separator: " | ")
      text += "| \(curve.name) | \(fixed(curve.errors.last!, 4)) | \(left) |\n"
    }
    return text
  }

  public static func json(_ curves: [Curve]) -> JSON {
    let losses = curves.map { curve -> JSON in
      [
        "loss": .string(curve.name), "finalError": .number(curve.errors.last!),
        "leftByDistance": .array(curve.leftByDistance.map { .number($0) }),
      ]
    }
    return ["losses": .array(losses)]
  }

  /// Errors by step on the left, remaining errors by distance on the right.
  static func figure(_ curves: [Curve]) -> String {
    var data = ""
    var (left, right) = ([String](), [String]())
    for (k, curve) in curves.enumerated() {
      data += "$steps\(k) << EOD\n"
      for (step, error) in curve.errors.enumerated() { data += "\(step) \(error)\n" }
      data += "EOD\n$rings\(k) << EOD\n"
      for (ring, error) in curve.leftByDistance.enumerated() {
        data += "\(0.25 + 0.5 * Double(ring)) \(error)\n"
      }
      data += "EOD\n"
      let style = "linewidth 2 linecolor '\(Gnuplot.color(k))'"
      left.append("$steps\(k) using 1:2 with lines \(style) title '\(curve.name)'")
      right.append(
        "$rings\(k) using 1:2 with linespoints pointtype 7 pointsize 0.7 \(style) notitle")
    }
    return data + """
      set multiplot layout 1,2
      set xlabel 'gradient descent step'
      set ylabel 'mean error |x|+|y|+|w|+|h|'
      set logscale y
      set key bottom left
      plot \(left.joined(separator: ", "))
      set xlabel 'distance of the centres at the start'
      set ylabel 'mean error left'
      plot \(right.joined(separator: ", "))
      unset multiplot
      """
  }
}
