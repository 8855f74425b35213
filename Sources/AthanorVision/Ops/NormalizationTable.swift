/// Means and scales laid out for vectors: 48 values hold whole pixels of 1, 3 and 4 channels.
struct NormalizationTable: Sendable {
  private var mean: (SIMD16<Float>, SIMD16<Float>, SIMD16<Float>)
  private var scale: (SIMD16<Float>, SIMD16<Float>, SIMD16<Float>)

  init(_ normalization: Normalization) {
    let channels = normalization.mean.count
    func lanes(_ from: Int, _ value: (Int) -> Float) -> SIMD16<Float> {
      var lanes = SIMD16<Float>()
      for i in 0..<16 { lanes[i] = value((from + i) % channels) }
      return lanes
    }
    let means = { (c: Int) in normalization.mean[c] * 255 }
    let scales = { (c: Int) in 1 / (normalization.std[c] * 255) }
    mean = (lanes(0, means), lanes(16, means), lanes(32, means))
    scale = (lanes(0, scales), lanes(16, scales), lanes(32, scales))
  }

  @inline(__always)
  func apply(_ src: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<Float>, _ count: Int) {
    let (raw, out) = (UnsafeRawPointer(src), UnsafeMutableRawPointer(dst))
    @inline(__always) func vector(_ i: Int, _ m: SIMD16<Float>, _ s: SIMD16<Float>) {
      let bytes = raw.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self)
      let values = SIMD16<Float>(SIMD16<Int32>(truncatingIfNeeded: bytes))
      out.storeBytes(of: (values - m) * s, toByteOffset: 4 &* i, as: SIMD16<Float>.self)
    }
    var i = 0
    while i &+ 48 <= count {
      vector(i, mean.0, scale.0)
      vector(i &+ 16, mean.1, scale.1)
      vector(i &+ 32, mean.2, scale.2)
      i &+= 48
    }
    let rest = i
    while i < count {
      let lane = (i &- rest) % 48
      let m = lane < 16 ? mean.0[lane] : lane < 32 ? mean.1[lane - 16] : mean.2[lane - 32]
      let s = lane < 16 ? scale.0[lane] : lane < 32 ? scale.1[lane - 16] : scale.2[lane - 32]
      dst[i] = (Float(src[i]) - m) * s
      i &+= 1
    }
  }
}
