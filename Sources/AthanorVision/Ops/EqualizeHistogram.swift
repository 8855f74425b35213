import AthanorKernels

/// Counts of the 256 values among the bytes of each row of `src`, added to `counts`.
func addHistogram(_ src: Pixels, _ counts: UnsafeMutablePointer<Int32>) {
  // Four tables, so that equal neighbours do not depend on each other.
  withUnsafeTemporaryAllocation(of: Int32.self, capacity: 1024) { memory in
    let tables = memory.baseAddress.unsafelyUnwrapped
    tables.initialize(repeating: 0, count: 1024)
    let bytes = src.width * src.channels
    for y in 0..<src.height {
      let row = src.row(y)
      let raw = UnsafeRawPointer(row)
      var x = 0
      while x &+ 8 <= bytes {
        let word = raw.loadUnaligned(fromByteOffset: x, as: UInt64.self)
        tables[Int(word & 255)] &+= 1
        tables[256 &+ Int(word &>> 8 & 255)] &+= 1
        tables[512 &+ Int(word &>> 16 & 255)] &+= 1
        tables[768 &+ Int(word &>> 24 & 255)] &+= 1
        tables[Int(word &>> 32 & 255)] &+= 1
        tables[256 &+ Int(word &>> 40 & 255)] &+= 1
        tables[512 &+ Int(word &>> 48 & 255)] &+= 1
        tables[768 &+ Int(word &>> 56)] &+= 1
        x &+= 8
      }
      while x < bytes {
        tables[Int(row[x])] &+= 1
        x &+= 1
      }
    }
    for v in 0..<256 {
      counts[v] &+= tables[v] &+ tables[256 &+ v] &+ tables[512 &+ v] &+ tables[768 &+ v]
    }
  }
}

/// Counts of the 256 values of an image, by as many threads as there are.
func histogram(_ src: Pixels) -> [Int32] {
  let parts = min(16, Threads.count)
  var counts = [Int32](repeating: 0, count: 256 * parts)
  counts.withUnsafeMutableBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return }
    nonisolated(unsafe) let tables = base
    parallelFor(parts, grain: max(1, 131_072 * parts / max(1, src.width * src.height))) { part in
      let rows = (src.height * part / parts)..<(src.height * (part + 1) / parts)
      addHistogram(
        src.cropped(x: 0, y: rows.lowerBound, width: src.width, height: rows.count),
        tables + 256 * part)
    }
  }
  return (0..<256).map { v in (0..<parts).reduce(0) { $0 + counts[256 * $1 + v] } }
}

/// Spreads the values of a gray image evenly over 0…255:
/// `dst = 255/(N − n₀) · (number of pixels above the smallest value, up to src)`, rounded, with
/// `N` pixels of which `n₀` have the smallest value. An image of one value is unchanged.
///
/// Parity: `cv::equalizeHist`, byte for byte.
public func equalizeHistogram(_ src: Pixels, into dst: MutablePixels) {
  precondition(src.channels == 1, "equalizeHistogram: \(src.channels) channels")
  let counts = histogram(src)
  let total = Int32(src.width * src.height)
  guard let least = counts.firstIndex(where: { $0 > 0 }) else { return }
  if counts[least] == total { return copy(src, into: dst) }
  let scale = 255 / Float(total - counts[least])
  var table = [UInt8](repeating: 0, count: 256)
  var sum: Int32 = 0
  for v in (least + 1)..<256 {
    sum += counts[v]
    table[v] = saturated(Float(sum) * scale)
  }
  lookUp(src, into: dst, table)
}

extension Image {
  /// The gray image with its values spread evenly over 0…255.
  public func histogramEqualized() -> Image {
    Image(width: width, height: height, channels: channels) { dst in
      withPixels { equalizeHistogram($0, into: dst) }
    }
  }
}
