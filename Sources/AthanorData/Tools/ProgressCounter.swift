import Synchronization

/// Counts finished parts of a job and reports the progress; may be called from any thread.
public typealias ProgressHandler = @Sendable (_ done: Int, _ total: Int) -> Void

/// Turns single advances from any thread into calls of a progress handler.
final class ProgressCounter: Sendable {
  private let done = Mutex(0)
  private let total: Int
  private let handler: ProgressHandler?

  init(total: Int, _ handler: ProgressHandler?) {
    self.total = total
    self.handler = handler
  }

  func advance() {
    guard let handler else { return }
    // Reported under the lock, so that the numbers arrive in order.
    done.withLock {
      $0 += 1
      handler($0, total)
    }
  }
}
