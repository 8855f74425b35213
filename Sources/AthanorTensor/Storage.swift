import AthanorKernels

/// A block of memory from the caching allocator; it goes back when the last tensor lets go.
public final class Storage: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  public let byteCount: Int
  /// Whether there is no memory behind it: of a tensor that stands for its shape.
  let isShapeOnly: Bool
  /// What keeps account of it, where it is a result of traced operations.
  private let trace: OpTrace?

  public init(byteCount: Int) {
    self.byteCount = byteCount
    base = Allocator.allocate(byteCount)
    (isShapeOnly, trace) = (false, nil)
  }

  /// As many bytes that are never taken.
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
