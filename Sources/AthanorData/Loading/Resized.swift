import AthanorVision

// Stands in until the image operations land.
enum Interpolation { case nearest, linear, area }
extension Image {
  func resized(width w: Int, height h: Int, _ interpolation: Interpolation) -> Image {
    if w == width, h == height { return self }
    var out = Image(width: w, height: h, channels: channels)
    let (sx, sy) = (Double(width) / Double(w), Double(height) / Double(h))
    for y in 0..<h {
      for x in 0..<w {
        for c in 0..<channels {
          if interpolation == .nearest {
            let (ix, iy) = (
              min(width - 1, Int(Double(x) * sx)), min(height - 1, Int(Double(y) * sy))
            )
            out.pixels[(y * w + x) * channels + c] = pixels[(iy * width + ix) * channels + c]
            continue
          }
          let fx = min(max((Double(x) + 0.5) * sx - 0.5, 0), Double(width - 1))
          let fy = min(max((Double(y) + 0.5) * sy - 0.5, 0), Double(height - 1))
          let (x0, y0) = (Int(fx), Int(fy))
          let (x1, y1) = (min(width - 1, x0 + 1), min(height - 1, y0 + 1))
          let (tx, ty) = (fx - Double(x0), fy - Double(y0))
          func p(_ x: Int, _ y: Int) -> Double { Double(pixels[(y * width + x) * channels + c]) }
          let v =
            (p(x0, y0) * (1 - tx) + p(x1, y0) * tx) * (1 - ty)
            + (p(x0, y1) * (1 - tx) + p(x1, y1) * tx) * ty
          out.pixels[(y * w + x) * channels + c] = UInt8(v.rounded())
        }
      }
    }
    return out
  }
}
