import AthanorCore
import AthanorData

/// `labels.png`: the number of boxes and pixels of each class, and the positions and sizes of
/// boxes.
public struct LabelsFigure: Sendable {
  public var statistics: LabelStatistics
  public var classes: DataClasses

  public init(_ statistics: LabelStatistics, _ classes: DataClasses) {
    self.statistics = statistics
    self.classes = classes
  }

  public func draw(to path: String) throws {
    var panels: [String] = []
    if !statistics.boxes.isEmpty {
      panels.append(
        bars(
          "boxes", classes.boxes, statistics.boxes(of: classes.boxes.count),
          title: "boxes of each class", log: false, color: boxColor))
    }
    if statistics.pixels.contains(where: { $0 > 0 }) {
      panels.append(
        bars(
          "pixels", classes.masks, statistics.pixels, title: "pixels of each class",
          log: true, color: classes.maskColor))
    }
    if !statistics.boxes.isEmpty {
      panels.append(
        points("centers", "box centre, share of the image", "x", "y", flipped: true) {
          ($0.centerX, $0.centerY)
        })
      panels.append(
        points("sizes", "box size, share of the image", "width", "height", flipped: false) {
          ($0.width, $0.height)
        })
    }
    guard !panels.isEmpty else { return }
    let across = min(2, panels.count)
    let down = (panels.count + across - 1) / across
    let read =
      statistics.samples == statistics.total
      ? "\(grouped(statistics.total)) training samples"
      : "\(grouped(statistics.samples)) of \(grouped(statistics.total)) training samples"
    let head =
      "set multiplot layout \(down),\(across) title \(Gnuplot.quoted("labels of \(read)"))\n"
    try Gnuplot(width: 480 * across, height: 380 * down + 40).draw(
      head + panels.joined() + "unset multiplot", to: path)
  }

  /// One bar per class, in the class's colour.
  private func bars(
    _ name: String, _ names: [String], _ counts: [Int], title: String, log: Bool,
    color: (Int) -> [UInt8]
  ) -> String {
    let tics = names.enumerated().map { "\(Gnuplot.quoted($1)) \($0)" }.joined(separator: ", ")
    let rows = counts.enumerated().map { i, count -> [Double?] in
      [Double(i), count > 0 || !log ? Double(count) : nil, Self.hex(color(i))]
    }
    return Gnuplot.data(name, rows) + """
      set title \(Gnuplot.quoted(title))
      unset key
      unset xlabel
      unset ylabel
      set xrange [-0.6:\(Double(names.count) - 0.4)]
      \(log ? "set logscale y\nset yrange [*:*]" : "unset logscale y\nset yrange [0:*]")
      set format y '%.0s%c'
      set xtics rotate by 40 right noenhanced (\(tics))
      set boxwidth 0.8
      set style fill solid 0.9 border linecolor '#777777'
      plot $\(name) using 1:2:3 with boxes linecolor rgb variable

      """
  }

  /// One point per box; axes are shares of the image, with y downwards where `flipped`, as in
  /// images.
  private func points(
    _ name: String, _ title: String, _ x: String, _ y: String, flipped: Bool,
    _ place: (LabelStatistics.Box) -> (Double, Double)
  ) -> String {
    let rows = statistics.boxes.map { box -> [Double?] in
      let (x, y) = place(box)
      return [x, y, Self.hex(boxColor(box.label))]
    }
    return Gnuplot.data(name, rows) + """
      set title \(Gnuplot.quoted(title))
      unset key
      unset logscale y
      set format y '%g'
      set xtics auto norotate
      set xlabel '\(x)'
      set ylabel '\(y)'
      set xrange [0:1]
      set yrange \(flipped ? "[1:0]" : "[0:1]")
      plot $\(name) using 1:2:3 with points pointtype 7 pointsize 0.5 linecolor rgb variable

      """
  }

  private func boxColor(_ label: Int) -> [UInt8] {
    classes.boxColor(label, named: classes[.boxes]?.name(label))
  }

  private static func hex(_ color: [UInt8]) -> Double {
    Double(color.reduce(0) { $0 << 8 | Int($1) })
  }
}
