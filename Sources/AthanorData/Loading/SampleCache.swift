import AthanorVision
import Synchronization

/// Decoded samples in memory, up to a number of bytes.
///
/// Samples are never evicted: an epoch visits every sample once, so that a least-recently-used
/// cache would evict each sample just before it is needed again.
final class SampleCache: Sendable {
  /// A cached sample, and its size as read.
  struct Entry: Sendable {
    var sample: Sample
    var original: (Int, Int)
  }

  private struct State {
    var entries: [Int: Entry] = [:]
    var bytes = 0
  }

  private let limit: Int
  private let state = Mutex(State())

  init(limit: Int) { self.limit = limit }

  /// The cached sample, or the one that `read` returns, cached if there is room; nil where it
  /// returns none.
  func entry(_ index: Int, read: () throws -> Entry?) rethrows -> Entry? {
    if let cached = state.withLock({ $0.entries[index] }) { return cached }
    guard let entry = try read() else { return nil }
    let bytes = entry.sample.byteCount
    state.withLock {
      guard $0.bytes + bytes <= limit, $0.entries[index] == nil else { return }
      $0.entries[index] = entry
      $0.bytes += bytes
    }
    return entry
  }
}
