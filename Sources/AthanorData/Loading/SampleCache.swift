import AthanorVision
import Synchronization

/// Decoded samples kept in memory up to a number of bytes.
///
/// First come, first kept: an epoch visits every sample once, so a cache that evicts would throw
/// out each sample just before it is wanted again.
final class SampleCache: Sendable {
  /// A sample as kept, and the size it was read at.
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

  /// The kept sample, or the one that `read` gives, kept if there is room; nil where it gives none.
  func entry(_ index: Int, read: () throws -> Entry?) rethrows -> Entry? {
    if let kept = state.withLock({ $0.entries[index] }) { return kept }
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
