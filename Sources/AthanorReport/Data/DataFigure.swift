import AthanorCore
import AthanorData
import AthanorExperiment

/// A figure of a data set, for its page and for a file.
struct DataFigure: Sendable {
  /// The name of its file, and its id in the page.
  var name: String
  /// A description for readers who cannot see the figure.
  var label: String
  var caption: String
  /// The gnuplot commands, without a key.
  var script: String
  var width = 820
  var height = 360

  /// The figure as inline SVG for a page. Throws `Gnuplot.Failure`.
  func inline() throws -> HTML {
    let svg = try Gnuplot(width: width, height: height).svg("unset key\n\(script)", figure: label)
    return InlineSVG.adapt(svg, id: name, label: label)
  }

  /// Writes the figure with a key to a file. Throws `Gnuplot.Failure`, `FileError`.
  func write(to folder: String) throws {
    try Gnuplot(width: width, height: height).draw(
      "set title \(Gnuplot.quoted(label))\nset key outside right top\n\(script)",
      to: "\(folder)/\(name).png")
  }

  /// The curve of a split through points.
  fileprivate struct Curve {
    var name: String
    var points: [(x: Double, y: Double)]
  }

  fileprivate static func plot(_ curves: [Curve], with style: String) -> String {
    let shown = curves.enumerated().filter { !$0.element.points.isEmpty }
    let data = shown.map { index, curve in
      Gnuplot.data("curve\(index)", curve.points.map { [$0.x, $0.y] })
    }
    let plots = shown.map { index, curve in
      "$curve\(index) using 1:2 with \(style) linecolor '\(Gnuplot.color(index))' "
        + "title \(Gnuplot.quoted(curve.name))"
    }
    return data.joined() + "plot \(plots.joined(separator: ", "))\n"
  }

  /// The outline of a histogram.
  fileprivate static func outline(
    _ edges: [Double], _ values: [Double]
  ) -> [(x: Double, y: Double)] {
    guard let first = edges.first, let last = edges.last else { return [] }
    return [(first, 0)]
      + values.indices.flatMap { [(edges[$0], values[$0]), (edges[$0 + 1], values[$0])] }
      + [(last, 0)]
  }
}

extension DataFigure {
  /// Up to this many classes each have a bar and a name; more are drawn as a curve.
  private static let mostBars = 40

  /// The figures of a data set for which there is data, in the order of the page.
  static func all(of inspection: DataInspection) -> [DataFigure] {
    let splits = inspection.report.splits
    let parts = inspection.parts
    return [
      classes(
        "class_boxes", "Boxes of each class", unit: "boxes",
        splits.map { ($0.split, $0.boxes.map { ($0.name, Double($0.count)) }) }),
      classes(
        "class_pixels", "Share of the labelled pixels of each class", unit: "% of the pixels",
        splits.map { ($0.split, $0.pixels.map { ($0.name, 100 * $0.share) }) }),
      boxSides(parts), boxShares(parts), boxesPerImage(parts), imageSizes(splits),
    ].compactMap(\.self)
  }

  /// Classes from the most frequent to the rarest: one bar per split, or a curve for many classes.
  private static func classes(
    _ name: String, _ label: String, unit: String,
    _ splits: [(split: String, counts: [(name: String, value: Double)])]
  ) -> DataFigure? {
    let count = splits.first?.counts.count ?? 0
    let totals = (0..<count).map { i in splits.reduce(0) { $0 + $1.counts[i].value } }
    let order = (0..<count).sorted { (-totals[$0], $0) < (-totals[$1], $1) }
    let values = splits.flatMap { $0.counts.map(\.value) }.filter { $0 > 0 }
    guard let most = values.max(), let least = values.min() else { return nil }
    let isLog = most > 100 * least
    var figure = DataFigure(
      name: name, label: label,
      caption: "From the most frequent one" + (isLog ? "; the axis is logarithmic." : "."),
      script: "")
    let axis =
      isLog
      ? "set logscale y\nset yrange [\(least / 2):\(most * 1.5)]\nset format y '%g'\n"
      : "set yrange [0:*]\nset format y '%g'\n"
    guard count <= mostBars else {
      let curves = splits.map { split in
        Curve(
          name: split.split,
          points: order.enumerated().compactMap { rank, i in
            let value = split.counts[i].value
            return value > 0 ? (Double(rank + 1), value) : nil
          })
      }
      figure.caption += " The table below has the names."
      figure.script =
        "set xlabel 'class, from the most frequent'\nset ylabel '\(unit)'\n"
        + "set xrange [0:\(count + 1)]\n" + axis
        + plot(curves, with: "points pointtype 7 pointsize 0.5")
      return figure
    }
    let width = 0.8 / Double(splits.count)
    let curves = splits.enumerated().map { place, split in
      Curve(
        name: split.split,
        points: order.enumerated().compactMap { rank, i in
          let value = split.counts[i].value
          let x = Double(rank) + (Double(place) - Double(splits.count - 1) / 2) * width
          return value > 0 ? (x, value) : nil
        })
    }
    let tics = order.enumerated().map { rank, i in
      "\(Gnuplot.quoted(shortened(splits[0].counts[i].name))) \(rank)"
    }
    figure.script =
      "set ylabel '\(unit)'\nset xrange [-0.6:\(Double(count) - 0.4)]\n" + axis
      + "set xtics \(count > 4 ? "rotate by 40 right" : "norotate") noenhanced "
      + "(\(tics.joined(separator: ", ")))\n"
      + "set boxwidth \(width * 0.92)\nset style fill solid 0.9 noborder\n"
      + plot(curves, with: "boxes")
    return figure
  }

  private static func shortened(_ name: String) -> String {
    name.count <= 20 ? name : name.prefix(19) + "…"
  }

  private static func boxSides(_ parts: [DataInspection.Part]) -> DataFigure? {
    let used = parts.flatMap { part in
      part.counts.sides.indices.filter { part.counts.sides[$0] > 0 }
    }
    guard let first = used.min(), let last = used.max() else { return nil }
    let edges = (first...(last + 1)).map { exp2(half: $0) }
    let curves = parts.map { part -> Curve in
      let shares = percent(Array(part.counts.sides[first...last]))
      return Curve(name: part.split.rawValue, points: shares.isEmpty ? [] : outline(edges, shares))
    }
    let tics = (0...14).map { 1 << $0 }.map { "\($0)" }.joined(separator: ", ")
    let marks = [32, 96].map {
      "set arrow from \($0), graph 0 to \($0), graph 1 nohead linecolor '\(Gnuplot.ink)'\n"
    }
    return DataFigure(
      name: "box_sizes", label: "Box sizes in pixels",
      caption: "√area of the boxes. The upright lines are COCO's limits of small (32²) and large "
        + "(96²) ones.",
      script: "set logscale x 2\nset xtics (\(tics))\nset xrange [\(edges[0]):\(edges.last!)]\n"
        + "set yrange [0:*]\nset format y '%g %%'\nset xlabel '√area, pixels'\n"
        + "set ylabel 'share of the boxes'\n" + marks.joined()
        + plot(curves, with: "lines linewidth 2"))
  }

  private static func boxShares(_ parts: [DataInspection.Part]) -> DataFigure? {
    let edges = (0...20).map { Double($0) * 5 }
    let curves = parts.map { part -> Curve in
      let shares = percent(part.counts.shares)
      return Curve(name: part.split.rawValue, points: shares.isEmpty ? [] : outline(edges, shares))
    }
    guard curves.contains(where: { !$0.points.isEmpty }) else { return nil }
    return DataFigure(
      name: "box_shares", label: "Box sizes against their images",
      caption: "√(area of the box / area of the image).",
      script: "set xrange [0:100]\nset yrange [0:*]\nset format x '%g %%'\nset format y '%g %%'\n"
        + "set xlabel 'side of the box / side of the image'\nset ylabel 'share of the boxes'\n"
        + plot(curves, with: "lines linewidth 2"))
  }

  private static func boxesPerImage(_ parts: [DataInspection.Part]) -> DataFigure? {
    let counts = parts.map { part in
      part.facts.compactMap { $0?.labels.contains(.boxes) == true ? Int($0!.boxes) : nil }
    }
    guard let most = counts.flatMap(\.self).max(), most > 0 else { return nil }
    let step = (most + 40) / 40
    let edges = (0...(most / step + 1)).map { Double($0 * step) - 0.5 }
    let curves = zip(parts, counts).map { part, counts -> Curve in
      var bins = [Int](repeating: 0, count: edges.count - 1)
      for count in counts { bins[count / step] += 1 }
      let shares = percent(bins)
      return Curve(name: part.split.rawValue, points: shares.isEmpty ? [] : outline(edges, shares))
    }
    return DataFigure(
      name: "boxes_per_image", label: "Boxes in an image",
      caption: "How many boxes an image has, of those that are labelled with boxes.",
      script: "set xrange [-0.5:\(edges.last!)]\nset yrange [0:*]\nset format y '%g %%'\n"
        + "set xlabel 'boxes in an image'\nset ylabel 'share of the images'\n"
        + plot(curves, with: "lines linewidth 2"))
  }

  /// One circle per image size, larger where more images have it; nil where all images have the
  /// same size.
  private static func imageSizes(_ splits: [DataReport.SplitReport]) -> DataFigure? {
    let all = splits.flatMap(\.imageSizes)
    guard Set(all.map { [$0.width, $0.height] }).count > 1,
      let most = all.map(\.count).max()
    else { return nil }
    let data = splits.enumerated().map { index, split in
      Gnuplot.data(
        "sizes\(index)",
        split.imageSizes.map {
          [
            Double($0.width), Double($0.height),
            0.5 + 2.5 * (Double($0.count) / Double(most)).squareRoot(),
          ]
        })
    }
    let plots = splits.enumerated().map { index, split in
      "$sizes\(index) using 1:2:3 with points pointtype 6 pointsize variable linewidth 1.5 "
        + "linecolor '\(Gnuplot.color(index))' title \(Gnuplot.quoted(split.split))"
    }
    let (width, height) = (all.map(\.width).max()!, all.map(\.height).max()!)
    return DataFigure(
      name: "image_sizes", label: "Image sizes",
      caption: "Width and height of the images; the larger a circle, the more of them.",
      script: "set xrange [0:\(Double(width) * 1.1)]\nset yrange [0:\(Double(height) * 1.15)]\n"
        + "set xlabel 'width, pixels'\nset ylabel 'height, pixels'\n" + data.joined()
        + "plot \(plots.joined(separator: ", "))\n")
  }

  /// The counts as shares in percent; empty where their sum is 0.
  private static func percent(_ counts: [Int]) -> [Double] {
    let all = counts.reduce(0, +)
    return all == 0 ? [] : counts.map { 100 * Double($0) / Double(all) }
  }

  /// 2^(k/2).
  private static func exp2(half k: Int) -> Double {
    Double(1 << (k / 2)) * (k % 2 == 0 ? 1 : 2.0.squareRoot())
  }
}
