/// Copies `count` bytes that do not overlap, 256 at a time: for lengths like those of image rows
/// the C library uses a string instruction, which is slower between unaligned rows.
@inline(__always)
func copyRow(
  _ src: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt8>, _ count: Int
) {
  guard count >= 256 else { return dst.update(from: src, count: count) }
  let (from, to) = (UnsafeRawPointer(src), UnsafeMutableRawPointer(dst))
  @inline(__always) func move(_ i: Int) {
    typealias Line = SIMD64<UInt8>
    let a = from.loadUnaligned(fromByteOffset: i, as: Line.self)
    let b = from.loadUnaligned(fromByteOffset: i &+ 64, as: Line.self)
    let c = from.loadUnaligned(fromByteOffset: i &+ 128, as: Line.self)
    let d = from.loadUnaligned(fromByteOffset: i &+ 192, as: Line.self)
    to.storeBytes(of: a, toByteOffset: i, as: Line.self)
    to.storeBytes(of: b, toByteOffset: i &+ 64, as: Line.self)
    to.storeBytes(of: c, toByteOffset: i &+ 128, as: Line.self)
    to.storeBytes(of: d, toByteOffset: i &+ 192, as: Line.self)
  }
  var i = 0
  while i &+ 256 <= count {
    move(i)
    i &+= 256
  }
  move(count &- 256)
}
