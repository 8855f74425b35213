/// Calls `body` with each run of non-zero bytes among `count`, from left to right.
@inlinable @inline(__always)
public func forEachRun(
  ofNonZero row: UnsafePointer<UInt8>, _ count: Int, _ body: (_ start: Int, _ end: Int) -> Void
) {
  var x = 0
  while true {
    x = firstByte(row, x, count, isZero: false)
    guard x < count else { return }
    let end = firstByte(row, x, count, isZero: true)
    body(x, end)
    x = end
  }
}

/// The first byte from `from` on that is zero, or is not; eight at a time.
@inlinable @inline(__always)
func firstByte(
  _ row: UnsafePointer<UInt8>, _ from: Int, _ count: Int, isZero: Bool
) -> Int {
  var x = from
  let raw = UnsafeRawPointer(row)
  while x &+ 8 <= count {
    let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: x, as: UInt64.self))
    // The top bit of each byte that is not zero.
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    let nonZero = ((word & low) &+ low | word) & ~low
    let wanted = isZero ? ~nonZero & ~low : nonZero
    if wanted != 0 { return x &+ wanted.trailingZeroBitCount / 8 }
    x &+= 8
  }
  while x < count && (row[x] == 0) != isZero { x &+= 1 }
  return x
}
