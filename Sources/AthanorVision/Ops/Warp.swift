import AthanorKernels

/// How a warped pixel is interpolated.
public enum WarpInterpolation: String, CaseIterable, Codable, Sendable {
  /// The pixel at the rounded position, for masks.
  case nearest
  /// Between the four nearest pixels, at positions in steps of 1/32.
  case linear
}

/// The positions of destination pixels in the source.
protocol WarpMap: Sendable {
  /// How many pixels of a row are computed at a time.
  var blockWidth: Int { get }
  /// The source positions of the pixels from (`x`, `y`) on: whole pixels, or steps of 1/32.
  func positions(
    _ x: Int, _ y: Int, _ count: Int, _ interpolation: WarpInterpolation,
    _ u: UnsafeMutablePointer<Int32>, _ v: UnsafeMutablePointer<Int32>)
}

/// Fills `dst` with the pixels of `src` that `map` points at, row by row in blocks that fit the
/// first-level cache: positions, then the taps of all pixels in rows, then their weighted sums.
func warp<Map: WarpMap>(
  _ src: Pixels, into dst: MutablePixels, _ map: Map, _ interpolation: WarpInterpolation,
  _ border: BorderMode
) {
  precondition(
    src.channels == dst.channels && [1, 3, 4].contains(src.channels),
    "warp: \(src.channels) channels into \(dst.channels)")
  precondition(
    src.width > 0 && src.height > 0 && max(src.width, src.height, dst.width, dst.height) < 32767,
    "warp: \(src.width)×\(src.height) into \(dst.width)×\(dst.height)")
  if case .constant(let value) = border {
    precondition(
      value.count == src.channels, "warp: \(value.count) values for \(src.channels) channels")
  }
  let taps = WarpTaps(src, border)
  let block = map.blockWidth
  parallelRanges(dst.height, grain: rowGrain(16 * dst.width * dst.channels)) { rows in
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * block) { positions in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 6 * (4 * block + 4)) { planes in
        let (u, v) = (positions.baseAddress!, positions.baseAddress! + block)
        for y in rows {
          for x in stride(from: 0, to: dst.width, by: block) {
            let count = min(block, dst.width - x)
            map.positions(x, y, count, interpolation, u, v)
            let to = dst.row(y) + x * dst.channels
            switch interpolation {
            case .nearest:
              taps.nearest(u, v, count, to)
            case .linear:
              let planes = WarpPlanes(planes.baseAddress!, block)
              taps.gather(u, v, count, planes)
              planes.blend(to, count * dst.channels)
            }
          }
        }
      }
    }
  }
}

/// The four taps of each byte of a block, and its weights in 1/32, as rows of bytes.
private struct WarpPlanes {
  let topLeft, topRight, bottomLeft, bottomRight: UnsafeMutablePointer<UInt8>
  let right, bottom: UnsafeMutablePointer<UInt8>

  init(_ base: UnsafeMutablePointer<UInt8>, _ pixels: Int) {
    // One more pixel than is used, because whole words are written.
    let step = 4 * pixels + 4
    (topLeft, topRight) = (base, base + step)
    (bottomLeft, bottomRight) = (base + 2 * step, base + 3 * step)
    (right, bottom) = (base + 4 * step, base + 5 * step)
  }

  /// `dst = (Σ tap·weight + 512) >> 10`
  func blend(_ dst: UnsafeMutablePointer<UInt8>, _ count: Int) {
    let (tl, tr, bl, br) = (topLeft, topRight, bottomLeft, bottomRight)
    let (right, bottom) = (right, bottom)
    for i in 0..<count {
      let fx = UInt16(right[i])
      let top = UInt16(tl[i]) &* (32 &- fx) &+ UInt16(tr[i]) &* fx
      let low = UInt16(bl[i]) &* (32 &- fx) &+ UInt16(br[i]) &* fx
      let fy = UInt32(bottom[i])
      let sum = UInt32(top) &* (32 &- fy) &+ UInt32(low) &* fy
      dst[i] = UInt8(truncatingIfNeeded: (sum &+ 512) &>> 10)
    }
  }
}

/// Reads the pixels about a position, inside the source or beyond its border.
private struct WarpTaps: @unchecked Sendable {
  private let src: Pixels
  private let border: BorderMode
  private let isConstant: Bool
  /// The constant border's pixel as a word.
  private let outside: UInt32
  /// The last columns where words instead of bytes may be read: for a single pixel, and for two
  /// neighbours.
  private let lastWord, lastPair: Int

  init(_ src: Pixels, _ border: BorderMode) {
    self.src = src
    self.border = border
    if case .constant(let value) = border {
      isConstant = true
      outside = value.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    } else {
      isConstant = false
      outside = 0
    }
    let bytes = src.width * src.channels
    lastWord = bytes < 4 ? -1 : (bytes - 4) / src.channels
    lastPair = bytes < 8 ? -1 : (bytes - 8) / src.channels
  }

  @inline(__always)
  private func word(_ x: Int, _ y: Int) -> UInt32 {
    guard let x = border.position(x, src.width), let y = border.position(y, src.height) else {
      return outside
    }
    let from = src.row(y) + x &* src.channels
    switch src.channels {
    case 1: return UInt32(from[0])
    case 3: return UInt32(from[0]) | UInt32(from[1]) &<< 8 | UInt32(from[2]) &<< 16
    default:
      return UInt32(
        littleEndian: UnsafeRawPointer(from).loadUnaligned(as: UInt32.self))
    }
  }

  func nearest(
    _ u: UnsafePointer<Int32>, _ v: UnsafePointer<Int32>, _ count: Int,
    _ dst: UnsafeMutablePointer<UInt8>
  ) {
    switch src.channels {
    case 1: nearest(u, v, count, dst, 1)
    case 3: nearest(u, v, count, dst, 3)
    default: nearest(u, v, count, dst, 4)
    }
  }

  @inline(__always)
  private func nearest(
    _ u: UnsafePointer<Int32>, _ v: UnsafePointer<Int32>, _ count: Int,
    _ dst: UnsafeMutablePointer<UInt8>, _ channels: Int
  ) {
    let (base, out) = (UnsafeRawPointer(src.base), UnsafeMutableRawPointer(dst))
    let (limit, height, step) = (UInt(bitPattern: lastWord &+ 1), UInt(src.height), src.stride)
    let width = UInt(src.width)
    // The last pixel is written in bytes: a word would reach past it.
    for i in 0..<count {
      let (x, y) = (Int(u[i]), Int(v[i]))
      let pixel: UInt32
      if UInt(bitPattern: x) < limit && UInt(bitPattern: y) < height {
        let from = base + (y &* step &+ x &* channels)
        pixel =
          channels == 1
          ? UInt32(from.load(as: UInt8.self))
          : UInt32(littleEndian: from.loadUnaligned(as: UInt32.self))
      } else if isConstant && (UInt(bitPattern: x) >= width || UInt(bitPattern: y) >= height) {
        pixel = outside
      } else {
        pixel = word(held(x), held(y))
      }
      if channels == 1 {
        out.storeBytes(of: UInt8(truncatingIfNeeded: pixel), toByteOffset: i, as: UInt8.self)
      } else if channels == 4 || i &+ 1 < count {
        out.storeBytes(of: pixel.littleEndian, toByteOffset: i &* channels, as: UInt32.self)
      } else {
        for c in 0..<channels {
          dst[i &* channels &+ c] = UInt8(truncatingIfNeeded: pixel &>> (8 &* UInt32(c)))
        }
      }
    }
  }

  func gather(
    _ u: UnsafePointer<Int32>, _ v: UnsafePointer<Int32>, _ count: Int, _ planes: WarpPlanes
  ) {
    switch src.channels {
    case 1: gather(u, v, count, planes, 1)
    case 3: gather(u, v, count, planes, 3)
    default: gather(u, v, count, planes, 4)
    }
  }

  @inline(__always)
  private func gather(
    _ u: UnsafePointer<Int32>, _ v: UnsafePointer<Int32>, _ count: Int, _ planes: WarpPlanes,
    _ channels: Int
  ) {
    let base = UnsafeRawPointer(src.base)
    let (limit, height, step) = (
      UInt(bitPattern: lastPair &+ 1), UInt(bitPattern: src.height &- 1), src.stride
    )
    let (width, shift) = (src.width, UInt64(8 &* channels))
    let tl = UnsafeMutableRawPointer(planes.topLeft)
    let tr = UnsafeMutableRawPointer(planes.topRight)
    let bl = UnsafeMutableRawPointer(planes.bottomLeft)
    let br = UnsafeMutableRawPointer(planes.bottomRight)
    let right = UnsafeMutableRawPointer(planes.right)
    let bottom = UnsafeMutableRawPointer(planes.bottom)
    var to = 0
    for i in 0..<count {
      let (x, y) = (Int(u[i] &>> 5), Int(v[i] &>> 5))
      let (fx, fy) = (UInt32(bitPattern: u[i] & 31), UInt32(bitPattern: v[i] & 31))
      var pixels: (UInt32, UInt32, UInt32, UInt32)
      if UInt(bitPattern: x) < limit && UInt(bitPattern: y) < height {
        let from = base + (y &* step &+ x &* channels)
        let top = UInt64(littleEndian: from.loadUnaligned(as: UInt64.self))
        let low = UInt64(littleEndian: (from + step).loadUnaligned(as: UInt64.self))
        pixels = (
          UInt32(truncatingIfNeeded: top), UInt32(truncatingIfNeeded: top &>> shift),
          UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: low &>> shift)
        )
      } else if isConstant && (x < -1 || x >= width || y < -1 || y >= src.height) {
        pixels = (outside, outside, outside, outside)
      } else {
        let (x, y) = (held(x), held(y))
        pixels = (word(x, y), word(x &+ 1, y), word(x, y &+ 1), word(x &+ 1, y &+ 1))
      }
      tl.storeBytes(of: pixels.0.littleEndian, toByteOffset: to, as: UInt32.self)
      tr.storeBytes(of: pixels.1.littleEndian, toByteOffset: to, as: UInt32.self)
      bl.storeBytes(of: pixels.2.littleEndian, toByteOffset: to, as: UInt32.self)
      br.storeBytes(of: pixels.3.littleEndian, toByteOffset: to, as: UInt32.self)
      right.storeBytes(of: fx &* 0x0101_0101, toByteOffset: to, as: UInt32.self)
      bottom.storeBytes(of: fy &* 0x0101_0101, toByteOffset: to, as: UInt32.self)
      to &+= channels
    }
  }

  /// Positions are clamped to 16 bits, as in OpenCV.
  @inline(__always)
  private func held(_ position: Int) -> Int { min(max(position, -32768), 32767) }
}
