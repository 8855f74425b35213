import AthanorCore

extension Image {
  /// Fills the part of a rectangle that lies in the image with an RGB colour.
  public mutating func fillRectangle(
    x: Int, y: Int, width: Int, height: Int, color: [UInt8], alpha: Double = 1
  ) {
    let (left, right) = (max(0, x), min(self.width, x + width))
    let (top, bottom) = (max(0, y), min(self.height, y + height))
    guard left < right, top < bottom else { return }
    let weight = Int((min(max(alpha, 0), 1) * 256).rounded())
    for row in top..<bottom {
      for column in left..<right {
        blend(color, weight, at: (row * self.width + column) * channels)
      }
    }
  }

  /// Draws the outline of a rectangle, its lines inside the given edges.
  public mutating func strokeRectangle(
    x: Int, y: Int, width: Int, height: Int, color: [UInt8], thickness: Int = 1
  ) {
    let t = min(thickness, (width + 1) / 2, (height + 1) / 2)
    guard t > 0 else { return }
    fillRectangle(x: x, y: y, width: width, height: t, color: color)
    fillRectangle(x: x, y: y + height - t, width: width, height: t, color: color)
    fillRectangle(x: x, y: y + t, width: t, height: height - 2 * t, color: color)
    fillRectangle(x: x + width - t, y: y + t, width: t, height: height - 2 * t, color: color)
  }

  /// Draws boxes in their classes' colours, each with a caption where `caption` gives one.
  public mutating func draw(
    _ boxes: [BoundingBox], thickness: Int = 1, scale: Int = 1,
    caption: (BoundingBox) -> String? = { _ in nil },
    color: (BoundingBox) -> [UInt8] = { Colors.box($0.label) }
  ) {
    for box in boxes {
      let (x, y) = (Int(box.x1.rounded()), Int(box.y1.rounded()))
      let color = color(box)
      strokeRectangle(
        x: x, y: y, width: max(1, Int(box.x2.rounded()) - x),
        height: max(1, Int(box.y2.rounded()) - y), color: color, thickness: thickness)
    }
    for box in boxes {
      guard let text = caption(box), !text.isEmpty else { continue }
      let color = color(box)
      let size = Image.textSize(text, scale: scale)
      // Above the box, or inside it where there is no room above.
      let above = Int(box.y1.rounded()) - size.height - 2 * scale
      let x = max(0, min(Int(box.x1.rounded()), width - size.width - 2 * scale))
      let y = above >= 0 ? above : Int(box.y1.rounded())
      fillRectangle(
        x: x, y: y, width: size.width + 2 * scale, height: size.height + 2 * scale, color: color)
      drawText(text, x: x + scale, y: y + scale, color: Colors.ink(on: color), scale: scale)
    }
  }

  /// Blends a mask's colours into the image: `(1 − α)·v + α·colour`, classes in `clear` unchanged.
  ///
  /// `palette` holds RGB triples by class index; classes beyond it are unchanged.
  public mutating func overlay(
    _ mask: Image, palette: [UInt8] = Colors.voc, alpha: Double = 0.5, clear: Set<UInt8> = [0]
  ) {
    precondition(
      mask.channels == 1 && mask.width == width && mask.height == height,
      "overlay: a mask \(mask) on \(self)")
    let weight = Int((min(max(alpha, 0), 1) * 256).rounded())
    let drawn = (0..<256).map { !clear.contains(UInt8($0)) && 3 * $0 + 2 < palette.count }
    for i in mask.pixels.indices {
      let label = Int(mask.pixels[i])
      guard drawn[label] else { continue }
      for c in 0..<min(3, channels) {
        let p = i * channels + c
        pixels[p] = Self.mixed(pixels[p], palette[3 * label + c], weight)
      }
    }
  }

  /// Three channels: gray is repeated, alpha dropped.
  public func asRGB() -> Image {
    if channels == 3 { return self }
    var rgb = Image(width: width, height: height, channels: 3)
    for i in 0..<(width * height) {
      for c in 0..<3 { rgb.pixels[3 * i + c] = pixels[i * channels + (channels == 1 ? 0 : c)] }
    }
    return rgb
  }

  /// Copies another image of the same channels to (`x`, `y`), as far as it fits.
  public mutating func paste(_ other: Image, x: Int, y: Int) {
    precondition(other.channels == channels, "paste: \(other) on \(self)")
    let (left, right) = (max(0, -x), min(other.width, width - x))
    guard left < right else { return }
    for row in max(0, -y)..<max(max(0, -y), min(other.height, height - y)) {
      let from = (row * other.width + left) * channels
      let to = ((y + row) * width + x + left) * channels
      let count = (right - left) * channels
      pixels.replaceSubrange(to..<(to + count), with: other.pixels[from..<(from + count)])
    }
  }

  mutating func blend(_ color: [UInt8], _ weight: Int, at start: Int) {
    for c in 0..<min(channels, color.count) {
      pixels[start + c] = Self.mixed(pixels[start + c], color[c], weight)
    }
  }

  /// A mixture with `weight`/256 of `b`.
  private static func mixed(_ a: UInt8, _ b: UInt8, _ weight: Int) -> UInt8 {
    UInt8((Int(a) * (256 - weight) + Int(b) * weight + 128) >> 8)
  }
}
