import CResources
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Memory for tensors: 64-byte aligned blocks kept in size classes for reuse.
///
/// New large buffers cost a page fault every 4 KiB. Every training step needs the same sizes, so
/// freed blocks are kept for the next request of their class.
public enum Allocator {
  private struct Pool {
    var free: [Int: [UInt]] = [:]
    var cachedBytes = 0
    var liveBytes = 0
    var peakLiveBytes = 0
  }

  private static let pool = Mutex(Pool())
  /// Free blocks beyond this many bytes are returned to the system.
  private static let cacheLimit = 8 << 30

  /// Sizes are rounded up to four classes per octave, from 1 MiB on to sixteen: at most 25 % is
  /// wasted, 6 % of large blocks.
  static func sizeClass(_ byteCount: Int) -> Int {
    let minimum = 256
    guard byteCount > minimum else { return minimum }
    let octave = 1 << (Int.bitWidth - 1 - (byteCount - 1).leadingZeroBitCount)
    let step = max(64, octave / (octave >= 1 << 20 ? 16 : 4))
    return (byteCount + step - 1) / step * step
  }

  /// An uninitialised block of at least `byteCount` bytes, to be returned with the same count.
  public static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let size = sizeClass(byteCount)
    let cached: UInt? = pool.withLock { pool in
      pool.liveBytes += size
      pool.peakLiveBytes = max(pool.peakLiveBytes, pool.liveBytes)
      guard let block = pool.free[size]?.popLast() else { return nil }
      pool.cachedBytes -= size
      return block
    }
    if let cached { return UnsafeMutableRawPointer(bitPattern: cached)! }
    var fresh: UnsafeMutableRawPointer?
    let status = posix_memalign(&fresh, 64, size)
    guard status == 0, let fresh else { athanor_out_of_memory(size) }
    return fresh
  }

  public static func deallocate(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
    let size = sizeClass(byteCount)
    let address = UInt(bitPattern: block)
    let isPooled = pool.withLock { pool in
      pool.liveBytes -= size
      guard pool.cachedBytes + size <= cacheLimit else { return false }
      pool.cachedBytes += size
      pool.free[size, default: []].append(address)
      return true
    }
    if !isPooled { free(block) }
  }

  /// The largest number of bytes in use at once since the last reset.
  public static var peakBytes: Int { pool.withLock { $0.peakLiveBytes } }

  public static func resetPeak() { pool.withLock { $0.peakLiveBytes = $0.liveBytes } }
}
