import AthanorKernels

func resizeNearest(_ src: Pixels, _ dst: MutablePixels, _ scale: ResizeScale) {
  let channels = src.channels
  let offsets = (0..<dst.width).map { x in
    Int32(min(Int((Double(x) * scale.x).rounded(.down)), src.width - 1) * channels)
  }
  offsets.withUnsafeBufferPointer { offsets in
    nonisolated(unsafe) let offsets = offsets
    parallelRanges(dst.height, grain: rowGrain(4 * dst.width * channels)) { rows in
      var previous = -1
      for y in rows {
        let sy = min(Int((Double(y) * scale.y).rounded(.down)), src.height - 1)
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
