import AthanorCore
import AthanorVision

extension Sample {
  /// The image with its labels: masks blended over it, boxes drawn, its class in a corner; depth,
  /// normals and other maps beside it.
  ///
  /// - Parameters:
  ///   - classes: The classes of the labels; a label that is not among them is not drawn.
  ///   - mostCaptions: Boxes have captions where there are no more of them.
  public func drawn(_ classes: DataClasses, mostCaptions: Int = .max) -> Image {
    let shown = labels.sorted { $0.key < $1.key }.compactMap { name, label in
      classes.labels[name].map { (label: label, classes: $0) }
    }
    var picture = image.asRGB()
    for (label, own) in shown {
      if let mask = label.mask { picture.overlay(mask, own) }
    }
    for (label, own) in shown {
      if let boxes = label.boxes {
        picture.draw(boxes, own, classes, hasCaptions: boxes.boxes.count <= mostCaptions)
      }
    }
    for (label, own) in shown {
      guard let category = label.category, let name = own.name(category.index) else { continue }
      let score = category.scores.map { " \(fixed(Double($0[category.index]), 2))" } ?? ""
      let (text, color) = (name + score, Colors.box(category.index))
      let size = Image.textSize(text)
      picture.fillRectangle(
        x: 0, y: 0, width: size.width + 2, height: size.height + 2, color: color)
      picture.drawText(text, x: 1, y: 1, color: Colors.ink(on: color))
    }
    let maps = shown.compactMap { label, _ in label.map?.picture(of: label.kind) }
    guard !maps.isEmpty else { return picture }
    var row = Image(
      width: picture.width * (1 + maps.count), height: picture.height, channels: 3)
    for (place, image) in ([picture] + maps).enumerated() {
      row.paste(image, x: place * picture.width, y: 0)
    }
    return row
  }
}

extension Image {
  /// Ignored pixels have the palette's colour of 255, those of a background are not coloured.
  fileprivate mutating func overlay(_ mask: Image, _ classes: LabelClasses) {
    let palette = classes.palette
    let short = palette.count < 768 ? palette.count : 765
    let hasBackground = classes.names.first.map(ClassName.isBackground) ?? true
    overlay(
      mask, palette: Array(palette[..<short]) + Array(Colors.voc[short...]),
      clear: hasBackground ? [0] : [])
  }

  fileprivate mutating func draw(
    _ label: BoxLabel, _ own: LabelClasses, _ classes: DataClasses, hasCaptions: Bool
  ) {
    let scores = label.scores.map { scores in zip(label.boxes, scores) }
    draw(
      label.boxes, thickness: max(1, min(width, height) / 200),
      caption: { box in
        guard hasCaptions, let name = own.name(box.label) else { return nil }
        let score = scores?.first { $0.0 == box }?.1
        return name + (score.map { " \(fixed(Double($0), 2))" } ?? "")
      },
      color: { classes.boxColor($0.label, named: own.name($0.label)) })
  }
}

extension DenseMap {
  /// One channel from light (smallest, near) to dark, three as colours of −1…1; black where there
  /// is no value.
  public func picture(of kind: Label.Kind) -> Image {
    let known = values.filter(kind.isKnown)
    let (near, far) = (known.min() ?? 0, known.max() ?? 1)
    var picture = Image(width: width, height: height, channels: 3)
    for pixel in 0..<(width * height) {
      let value = values[(pixel * channels)..<((pixel + 1) * channels)]
      guard value.allSatisfy(\.isFinite), value.contains(where: kind.isKnown) else { continue }
      for c in 0..<3 {
        let shade =
          channels == 3
          ? (value[value.startIndex + c] + 1) / 2
          : 1 - 0.85 * (value.first! - near) / max(far - near, .leastNormalMagnitude)
        picture.pixels[3 * pixel + c] = UInt8(min(max(shade, 0), 1) * 255)
      }
    }
    return picture
  }
}
