import AthanorKernels

/// Class indices from a colour label: `dst[p] = class of src[p]`.
///
/// A colour that is not in the map becomes 255; the first such pixel, row by row, is returned.
/// Shapes: `src` of 3 channels, `dst` of one and the same size.
@discardableResult
public func labelMap(
  _ src: Pixels, into dst: MutablePixels, _ map: ColorMap
) -> (x: Int, y: Int)? {
  precondition(
    src.channels == 3 && dst.channels == 1 && src.width == dst.width && src.height == dst.height,
    "labelMap: \(src.width)×\(src.height)×\(src.channels) into "
      + "\(dst.width)×\(dst.height)×\(dst.channels)")
  let unknown = UnsafeMutablePointer<Int>.allocate(capacity: max(1, src.height))
  defer { unknown.deallocate() }
  nonisolated(unsafe) let firstUnknown = unknown
  if let small = SmallColorMap(map) {
    parallelRanges(src.height, grain: rowGrain(src.width * 3)) { rows in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: SmallColorMap.scratch) { planes in
        for y in rows {
          firstUnknown[y] = small.label(
            src.row(y), dst.row(y), src.width, planes.baseAddress!)
        }
      }
    }
    return (0..<src.height).first { unknown[$0] >= 0 }.map { (unknown[$0], $0) }
  }
  map.slots.withUnsafeBufferPointer { slots in
    nonisolated(unsafe) let slots = slots.baseAddress!
    parallelRanges(src.height, grain: rowGrain(src.width * 3)) { rows in
      for y in rows {
        firstUnknown[y] = labelRow(
          src.row(y), dst.row(y), src.width, slots, map.multiplier, map.shift)
      }
    }
  }
  return (0..<src.height).first { unknown[$0] >= 0 }.map { (unknown[$0], $0) }
}

/// Maps one row; the first unknown pixel, or −1.
private func labelRow(
  _ src: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt8>, _ width: Int,
  _ slots: UnsafePointer<UInt32>, _ multiplier: UInt32, _ shift: UInt32
) -> Int {
  var firstUnknown = -1
  @inline(__always) func label(_ color: UInt32) -> UInt8? {
    let entry = slots[Int((color &* multiplier) &>> shift)]
    return (entry ^ color) & 0xFF_FFFF == 0 ? UInt8(truncatingIfNeeded: entry >> 24) : nil
  }
  let raw = UnsafeRawPointer(src)
  var anyUnknown: UInt32 = 0
  // Four bytes are read for three, so the last pixel of the row is handled separately.
  for x in 0..<max(0, width - 1) {
    let color = raw.loadUnaligned(fromByteOffset: 3 &* x, as: UInt32.self) & 0xFF_FFFF
    let entry = slots[Int(truncatingIfNeeded: (color &* multiplier) &>> shift)]
    let mismatch = (entry ^ color) & 0xFF_FFFF
    anyUnknown |= mismatch
    dst[x] = mismatch == 0 ? UInt8(truncatingIfNeeded: entry >> 24) : 255
  }
  if width > 0 {
    let x = width - 1
    let color = UInt32(src[3 * x]) | UInt32(src[3 * x + 1]) << 8 | UInt32(src[3 * x + 2]) << 16
    let known = label(color)
    if known == nil { anyUnknown |= 1 }
    dst[x] = known ?? 255
  }
  if anyUnknown != 0 {
    for x in 0..<width {
      let color = UInt32(src[3 * x]) | UInt32(src[3 * x + 1]) << 8 | UInt32(src[3 * x + 2]) << 16
      if label(color) == nil {
        firstUnknown = x
        break
      }
    }
  }
  return firstUnknown
}

/// How a colour that is not in the map is handled.
public enum UnknownColor: String, Codable, Sendable {
  /// 255.
  case ignore
  /// An error that names the colour and the pixel.
  case error
}

extension Image {
  /// The class indices of this RGB label. Throws `UnknownColorError` where `unknown` is
  /// `error`.
  public func labelMapped(_ map: ColorMap, unknown: UnknownColor = .error) throws -> Image {
    var found: (x: Int, y: Int)?
    let mask = Image(width: width, height: height, channels: 1) { dst in
      found = withPixels { labelMap($0, into: dst, map) }
    }
    if let (x, y) = found, unknown == .error {
      let start = (y * width + x) * 3
      throw UnknownColorError(color: Array(pixels[start..<(start + 3)]), x: x, y: y)
    }
    return mask
  }

  /// The RGB label of these class indices; `palette` holds a triple for each of 256 classes.
  public func colored(palette: [UInt8]) -> Image {
    precondition(
      channels == 1 && palette.count == 768,
      "colored: \(channels) channels, a palette of \(palette.count) bytes")
    return Image(width: width, height: height, channels: 3) { dst in
      withPixels { src in
        palette.withUnsafeBufferPointer { palette in
          nonisolated(unsafe) let colors = palette.baseAddress!
          parallelRanges(src.height, grain: rowGrain(3 * src.width)) { rows in
            for y in rows {
              let (from, to) = (src.row(y), dst.row(y))
              for x in 0..<src.width {
                let color = colors + 3 &* Int(from[x])
                let out = to + 3 &* x
                (out[0], out[1], out[2]) = (color[0], color[1], color[2])
              }
            }
          }
        }
      }
    }
  }
}
