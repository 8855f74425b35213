import AthanorKernels

/// A block of memory from the caching allocator; it goes back when the last tensor lets go.
public final class Storage: @unchecked Sendable {
  public let base: UnsafeMutableRawPointer
  public let byteCount: Int

  public init(byteCount: Int) {
    self.byteCount = byteCount
    base = Allocator.allocate(byteCount)
  }

  deinit { Allocator.deallocate(base, byteCount) }
}
