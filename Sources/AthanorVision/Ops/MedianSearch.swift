import AthanorKernels

/// Sixty-four bytes side by side: a register of the widest processors.
private typealias Lanes = SIMD64<UInt8>

/// The median of windows of up to 15×15, 64 of them at a time, from its highest bit to its lowest:
/// a bit is set where more than half of the window is no less than the value with it.
func medianBySearch(_ bordered: Pixels, _ dst: MutablePixels, _ size: Int) {
  let channels = dst.channels
  let count = dst.width * channels
  let half = Lanes(repeating: UInt8(size * size / 2))
  parallelRanges(dst.height, grain: rowGrain(size * size * count)) { range in
    for y in range {
      let (top, to) = (UnsafeRawPointer(bordered.row(y)), UnsafeMutableRawPointer(dst.row(y)))
      var i = 0
      while true {
        var median = Lanes.zero
        var bit: UInt8 = 128
        while bit > 0 {
          let bits = Lanes(repeating: bit)
          let candidate = median &+ bits
          var atLeast = Lanes.zero
          for j in 0..<size {
            var tap = top + (j &* bordered.stride &+ i)
            for _ in 0..<size {
              // A lane of a mask is −1 where the condition holds.
              let holds = tap.loadUnaligned(as: Lanes.self) .>= candidate
              atLeast &-= unsafeBitCast(holds, to: Lanes.self)
              tap += channels
            }
          }
          median &-= unsafeBitCast(atLeast .> half, to: Lanes.self) &* bits
          bit >>= 1
        }
        to.storeBytes(of: median, toByteOffset: i, as: Lanes.self)
        if i == count &- 64 { break }
        i = min(i &+ 64, count &- 64)
      }
    }
  }
}
