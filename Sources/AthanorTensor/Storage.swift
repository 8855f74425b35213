import AthanorKernels

/// A block of memory from the caching allocator; it is returned when the last tensor releases it.
public final class Storage: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  public let byteCount: Int
  /// Whether it has no memory: that of a shape-only tensor.
  let isShapeOnly: Bool
  /// The trace that counts its memory, for results of traced operations.
  private let trace: OpTrace?

  public init(byteCount: Int) {
    self.byteCount = byteCount
    base = Allocator.allocate(byteCount)
    (isShapeOnly, trace) = (false, nil)
  }

  /// A storage of that many bytes without memory.
  init(shapeOnly byteCount: Int, _ trace: OpTrace?) {
    self.byteCount = byteCount
    base = UnsafeMutableRawPointer(bitPattern: 64)!
    (isShapeOnly, self.trace) = (true, trace)
    trace?.take(byteCount)
  }

  deinit {
    if isShapeOnly { trace?.give(byteCount) } else { Allocator.deallocate(base, byteCount) }
  }
}
