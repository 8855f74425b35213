import AthanorKernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Gaussian weights in 1/256 that sum to 256, the rounding error carried over from tap to tap.
///
/// With `sigma` ≤ 0 they follow from the size: binomial weights up to 7,
/// else `0.3·((n − 1)/2 − 1) + 0.8`.
func gaussianWeights(size: Int, sigma: Double) -> [UInt16] {
  precondition(size > 0 && size % 2 == 1, "gaussianBlur: the size \(size) is not odd")
  var weights = [Double](repeating: 1, count: size)
  switch (size, sigma <= 0) {
  case (1, true): break
  case (3, true): weights = [0.25, 0.5, 0.25]
  case (5, true): weights = [0.0625, 0.25, 0.375, 0.25, 0.0625]
  case (7, true):
    weights = [0.03125, 0.109375, 0.21875, 0.28125, 0.21875, 0.109375, 0.03125]
  default:
    let sigma = sigma > 0 ? sigma : Double(size) * 0.15 + 0.35
    let scale = -0.125 / (sigma * sigma)
    var sum = 0.0
    for i in 0..<(size / 2) {
      let x = Double(2 * i + 1 - size)
      weights[i] = exp(x * x * scale)
      sum += weights[i]
    }
    sum = 2 * sum + 1
    for i in 0..<(size / 2) { weights[i] *= 1 / sum }
  }
  var fixed = [UInt16](repeating: 0, count: size)
  var error = 0.0
  var sum: UInt16 = 0
  for i in 0..<(size / 2) {
    let wanted = weights[i] * 256 + error
    let rounded = wanted.rounded(.toNearestOrEven)
    error = wanted - rounded
    fixed[i] = UInt16(rounded)
    fixed[size - 1 - i] = fixed[i]
    sum += 2 * fixed[i]
  }
  fixed[size / 2] = 256 - sum
  return fixed
}

/// Blurs with a Gaussian of `size`×`size` taps; the image is mirrored about its edge pixels.
///
/// Rows in 8.8 fixed point without loss, then columns: `(Σ w·r + 2¹⁵) >> 16`.
/// Parity: `cv::GaussianBlur` on 8 bits with `BORDER_REFLECT_101`, byte for byte.
public func gaussianBlur(_ src: Pixels, into dst: MutablePixels, size: Int, sigma: Double = 0) {
  precondition(
    src.width == dst.width && src.height == dst.height && src.channels == dst.channels,
    "gaussianBlur: \(src.width)×\(src.height)×\(src.channels) into "
      + "\(dst.width)×\(dst.height)×\(dst.channels)")
  let weights = gaussianWeights(size: size, sigma: sigma)
  if size == 1 { return copy(src, into: dst) }
  let radius = size / 2
  let channels = src.channels
  let count = src.width * channels
  // The row with its mirrored ends, then a ring of blurred rows.
  let extended = count + 2 * radius * channels
  parallelRanges(src.height, grain: max(4 * size, rowGrain(size * count))) { rows in
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: extended) { line in
      // A row of sums, then the ring.
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: count + (size * count + 1) / 2) {
        memory in
        let sums = memory.baseAddress!
        let ring = UnsafeMutableRawPointer(sums + count).assumingMemoryBound(to: UInt16.self)
        var next = rows.lowerBound - radius
        for y in rows {
          while next <= y + radius {
            let from = src.row(reflected(next, src.height))
            let slot = ring + ((next + radius) % size) * count
            mirrorEnds(from, line.baseAddress!, src.width, channels, radius)
            blurRow(line.baseAddress!, slot, weights, channels, count)
            next += 1
          }
          blurColumns(ring, y % size, weights, sums, dst.row(y), count)
        }
      }
    }
  }
}

/// The index inside `0..<count` after mirroring about the end pixels.
@inline(__always) func reflected(_ index: Int, _ count: Int) -> Int {
  if count == 1 { return 0 }
  var i = index
  while i < 0 || i >= count { i = i < 0 ? -i : 2 * count - 2 - i }
  return i
}

private func mirrorEnds(
  _ src: UnsafePointer<UInt8>, _ line: UnsafeMutablePointer<UInt8>, _ width: Int, _ channels: Int,
  _ radius: Int
) {
  (line + radius * channels).update(from: src, count: width * channels)
  for i in 1...radius {
    let left = reflected(-i, width)
    let right = reflected(width - 1 + i, width)
    for c in 0..<channels {
      line[(radius - i) * channels + c] = src[left * channels + c]
      line[(radius + width - 1 + i) * channels + c] = src[right * channels + c]
    }
  }
}

private func blurRow(
  _ line: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt16>, _ weights: [UInt16],
  _ channels: Int, _ count: Int
) {
  switch channels {
  case 1: blurRow(line, dst, weights, step: 1, count)
  case 3: blurRow(line, dst, weights, step: 3, count)
  default: blurRow(line, dst, weights, step: 4, count)
  }
}

/// Up to eleven taps, all at once: their distances are constants, so that the compiler vectorises
/// the loop over pixels.
@inline(__always)
private func blurRow(
  _ line: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt16>, _ weights: [UInt16],
  step: Int, _ count: Int
) {
  switch weights.count / 2 {
  case 1: blurRow(line, dst, weights, radius: 1, step: step, count)
  case 2: blurRow(line, dst, weights, radius: 2, step: step, count)
  case 3: blurRow(line, dst, weights, radius: 3, step: step, count)
  case 4: blurRow(line, dst, weights, radius: 4, step: step, count)
  case 5: blurRow(line, dst, weights, radius: 5, step: step, count)
  case let radius:
    let from = line + radius * step
    blurRow(
      from - 5 * step, dst, Array(weights[(radius - 5)...(radius + 5)]), radius: 5, step: step,
      count)
    for k in 6...radius {
      addPair(from - k * step, from + k * step, weights[radius - k], dst, count)
    }
  }
}

@inline(__always)
private func blurRow(
  _ line: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt16>, _ weights: [UInt16],
  radius: Int, step: Int, _ count: Int
) {
  let center = line + radius * step
  var w = SIMD8<UInt16>()
  for k in 0...radius { w[k] = weights[radius - k] }
  for i in 0..<count {
    var sum = UInt16(center[i]) &* w[0]
    var k = 1
    while k <= radius {
      let pair = UInt16(center[i &- k &* step]) &+ UInt16(center[i &+ k &* step])
      sum = sum &+ pair &* w[k]
      k &+= 1
    }
    dst[i] = sum
  }
}

/// A function of its own, because inlined into the loop over taps it is not vectorised.
@inline(never)
private func addPair(
  _ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ weight: UInt16,
  _ sums: UnsafeMutablePointer<UInt16>, _ count: Int
) {
  for i in 0..<count { sums[i] &+= (UInt16(left[i]) &+ UInt16(right[i])) &* weight }
}

/// Pixels of a row whose sums are accumulated together.
private let sumBlock = 2048

/// `first` is the ring's slot of the topmost row; `sums` holds a row.
private func blurColumns(
  _ ring: UnsafePointer<UInt16>, _ first: Int, _ weights: [UInt16],
  _ sums: UnsafeMutablePointer<UInt32>, _ dst: UnsafeMutablePointer<UInt8>, _ count: Int
) {
  let size = weights.count
  func row(_ tap: Int) -> UnsafePointer<UInt16> { ring + (first + tap) % size * count }
  if size == 3 {
    let (r0, r1, r2) = (row(0), row(1), row(2))
    let (a, b) = (UInt32(weights[0]), UInt32(weights[1]))
    for i in 0..<count {
      let outer = UInt32(r0[i]) &+ UInt32(r2[i])
      dst[i] = UInt8(
        truncatingIfNeeded: (outer &* a &+ UInt32(r1[i]) &* b &+ 32768) &>> 16)
    }
    return
  }
  if size == 5 {
    let (r0, r1, r2, r3, r4) = (row(0), row(1), row(2), row(3), row(4))
    let (a, b, c) = (UInt32(weights[0]), UInt32(weights[1]), UInt32(weights[2]))
    for i in 0..<count {
      let outer = (UInt32(r0[i]) &+ UInt32(r4[i])) &* a
      let inner = (UInt32(r1[i]) &+ UInt32(r3[i])) &* b
      dst[i] = UInt8(
        truncatingIfNeeded: (outer &+ inner &+ UInt32(r2[i]) &* c &+ 32768) &>> 16)
    }
    return
  }
  let radius = size / 2
  for start in stride(from: 0, to: count, by: sumBlock) {
    let block = min(sumBlock, count - start)
    let (center, middle) = (row(radius) + start, UInt32(weights[radius]))
    for i in 0..<block { sums[i] = UInt32(center[i]) &* middle &+ 32768 }
    var tap = 0
    while tap + 1 < radius {
      let (t1, b1) = (row(tap) + start, row(size - 1 - tap) + start)
      let (t2, b2) = (row(tap + 1) + start, row(size - 2 - tap) + start)
      let (a, b) = (UInt32(weights[tap]), UInt32(weights[tap + 1]))
      for i in 0..<block {
        let outer = (UInt32(t1[i]) &+ UInt32(b1[i])) &* a
        sums[i] = sums[i] &+ outer &+ (UInt32(t2[i]) &+ UInt32(b2[i])) &* b
      }
      tap += 2
    }
    if tap < radius {
      let (top, bottom) = (row(tap) + start, row(size - 1 - tap) + start)
      let w = UInt32(weights[tap])
      for i in 0..<block { sums[i] &+= (UInt32(top[i]) &+ UInt32(bottom[i])) &* w }
    }
    let to = dst + start
    for i in 0..<block { to[i] = UInt8(truncatingIfNeeded: sums[i] &>> 16) }
  }
}

extension Image {
  /// The image blurred with a Gaussian of `size`×`size` taps.
  public func blurred(size: Int, sigma: Double = 0) -> Image {
    Image(width: width, height: height, channels: channels) { dst in
      withPixels { gaussianBlur($0, into: dst, size: size, sigma: sigma) }
    }
  }
}
