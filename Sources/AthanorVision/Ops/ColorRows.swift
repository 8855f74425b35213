import AthanorKernels

/// Calls `body` for each row of two RGB-like images of one size; traps where they are not.
///
/// A loop over a row that reads and writes three bytes per pixel is vectorised where its
/// body is free of branches and of arithmetic that can trap.
@inline(__always)
func mapColorRows(
  _ name: String, _ src: Pixels, into dst: MutablePixels,
  _ body: (
    _ src: UnsafePointer<UInt8>, _ dst: UnsafeMutablePointer<UInt8>, _ width: Int
  ) -> Void
) {
  precondition(
    src.channels == 3 && dst.channels == 3 && src.width == dst.width && src.height == dst.height,
    "\(name): \(src.width)×\(src.height)×\(src.channels) into "
      + "\(dst.width)×\(dst.height)×\(dst.channels)")
  parallelRanges(src.height, grain: rowGrain(6 * src.width)) { rows in
    for y in rows { body(src.row(y), dst.row(y), src.width) }
  }
}

/// `value` clamped to 0…255.
@inline(__always) func clamped(_ value: Int32) -> UInt8 {
  UInt8(truncatingIfNeeded: max(0, min(255, value)))
}
