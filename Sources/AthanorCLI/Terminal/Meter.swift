import Synchronization

/// A progress bar for work whose total is known only after it has started.
final class Meter: Sendable {
  private let title: String
  private let unit: String
  private let bar = Mutex<ProgressBar?>(nil)

  init(_ title: String, unit: String) {
    self.title = title
    self.unit = unit
  }

  func update(_ done: Int, of total: Int) {
    let bar = bar.withLock { bar in
      let shown = bar ?? ProgressBar(title, total: total, unit: unit)
      bar = shown
      return shown
    }
    bar.update(done)
  }

  func finish() { bar.withLock { $0?.finish() } }
}
