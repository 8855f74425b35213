import AthanorKernels

/// The source of each pixel of a row or a column at another length, as OpenCV rounds: masks and
/// maps of numbers are sampled at the same pixels.
func nearestSources(from length: Int, to newLength: Int) -> [Int] {
  let scale = 1 / (Double(newLength) / Double(length))
  return (0..<newLength).map { min(Int((Double($0) * scale).rounded(.down)), length - 1) }
}

func resizeNearest(_ src: Pixels, _ dst: MutablePixels) {
  let channels = src.channels
  let offsets = nearestSources(from: src.width, to: dst.width).map { Int32($0 * channels) }
  let sources = nearestSources(from: src.height, to: dst.height)
  offsets.withUnsafeBufferPointer { offsets in
    nonisolated(unsafe) let offsets = offsets
    parallelRanges(dst.height, grain: rowGrain(4 * dst.width * channels)) { rows in
      var previous = -1
      for y in rows {
        let sy = sources[y]
        let to = dst.row(y)
        if sy == previous {
          to.update(from: dst.row(y - 1), count: dst.width * channels)
          continue
        }
        previous = sy
        nearestRow(src.row(sy), to, offsets, channels)
      }
    }
  }
}

private func nearestRow(
  _ src: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt8>,
  _ offsets: UnsafeBufferPointer<Int32>, _ channels: Int
) {
  switch channels {
  case 1:
    for x in 0..<offsets.count { dst[x] = src[Int(offsets[x])] }
  case 3:
    for x in 0..<offsets.count {
      let from = src + Int(offsets[x])
      let to = dst + 3 &* x
      (to[0], to[1], to[2]) = (from[0], from[1], from[2])
    }
  default:
    let raw = UnsafeRawPointer(src)
    let out = UnsafeMutableRawPointer(dst)
    for x in 0..<offsets.count {
      out.storeBytes(
        of: raw.loadUnaligned(fromByteOffset: Int(offsets[x]), as: UInt32.self),
        toByteOffset: 4 &* x, as: UInt32.self)
    }
  }
}
