extension ParityReport {
  /// The ratios as gnuplot commands: one row per op, one mark per size and thread count, with its
  /// interval as a bar. Left of 1 is faster than OpenCV.
  public var figure: String {
    var ops: [String] = []
    for row in rows where !ops.contains(row.op) { ops.append(row.op) }
    var series: [(size: String, threads: Int)] = []
    for row in rows where !series.contains(where: { $0 == (row.size, row.threads) }) {
      series.append((row.size, row.threads))
    }
    var script = ""
    var plots: [String] = []
    for (k, one) in series.enumerated() {
      let points = rows.filter { $0.size == one.size && $0.threads == one.threads }
      script += "$series\(k) << EOD\n"
      for row in points {
        let place = Double(ops.count - ops.firstIndex(of: row.op)!)
        let offset = 0.6 * (Double(k) + 0.5) / Double(series.count) - 0.3
        script += "\(row.ratio) \(place - offset) \(row.ratioLow) \(row.ratioHigh)\n"
      }
      script += "EOD\n"
      plots.append(
        "$series\(k) using 1:2:3:4 with xerrorbars pointtype \(5 + 2 * (k % 3)) pointsize 0.8 "
          + "linewidth 1.5 linetype \(k + 1) title '\(one.size), \(one.threads) "
          + "\(one.threads == 1 ? "thread" : "threads")'")
    }
    let tics = ops.enumerated().map { "\"\($1)\" \(ops.count - $0)" }.joined(separator: ", ")
    let least = min(0.05, rows.map(\.ratioLow).min() ?? 0.05)
    let most = max(2, rows.map(\.ratioHigh).max() ?? 2)
    return script + """
      set title 'time relative to OpenCV \(opencv), median of pairs and 95 % interval'
      set xlabel 'ratio: left of 1 is faster'
      set logscale x 2
      set xrange [\(0.9 * least):\(1.1 * most)]
      set yrange [0.4:\(Double(ops.count) + 0.6)]
      set ytics noenhanced (\(tics))
      set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 2 linecolor '#333333'
      set key below
      plot \(plots.joined(separator: ", "))
      """
  }
}

extension ParityReport.Row {
  var size: String { "\(width)×\(height)" }
}
