import AthanorCore

extension Sample {
  /// The image with its mask laid over it and its boxes drawn, as sheets of samples show it.
  ///
  /// `caption` names a box's class; ignored pixels of the mask take the palette's colour for 255,
  /// those of the classes in `clear` none.
  public func picture(
    palette: [UInt8] = Colors.voc, alpha: Double = 0.5, clear: Set<UInt8> = [0],
    caption: (BoundingBox) -> String? = { _ in nil },
    color: (BoundingBox) -> [UInt8] = { Colors.box($0.label) }
  ) -> Image {
    var picture = image.asRGB()
    if let mask {
      let short = palette.count < 768 ? palette.count : 765
      let full = Array(palette[..<short]) + Array(Colors.voc[short...])
      picture.overlay(mask, palette: full, alpha: alpha, clear: clear)
    }
    picture.draw(
      boxes ?? [], thickness: max(1, min(image.width, image.height) / 200), caption: caption,
      color: color)
    return picture
  }

  /// The sample at the least whole multiple of its size whose longer side is `side` pixels or more:
  /// captions cover less of a small image then.
  public func enlarged(to side: Int) -> Sample {
    let longer = max(1, max(image.width, image.height))
    let factor = (side + longer - 1) / longer
    guard factor > 1 else { return self }
    let (width, height) = (image.width * factor, image.height * factor)
    let scale = Float(factor)
    return Sample(
      name: name, image: image.resized(width: width, height: height, .linear),
      mask: mask?.resized(width: width, height: height, .nearest),
      boxes: boxes?.map {
        BoundingBox(
          x1: $0.x1 * scale, y1: $0.y1 * scale, x2: $0.x2 * scale, y2: $0.y2 * scale,
          label: $0.label)
      })
  }
}
