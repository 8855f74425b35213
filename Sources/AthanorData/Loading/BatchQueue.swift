import AthanorKernels
import Dispatch
import Synchronization

/// The batches of an epoch in order, made ahead on the loader's threads.
///
/// Used from one thread. Letting go of it stops the work that has not begun.
public final class BatchQueue {
  /// A batch in the making.
  private final class Pending: Sendable {
    let ready = DispatchSemaphore(value: 0)
    let result = Mutex<Result<Batch, any Error>?>(nil)
  }

  private final class Cancellation: Sendable {
    let isCancelled = Atomic(false)
  }

  private let loader: Loader
  private let epoch: Int
  private let order: [Int]
  private let workers: [DispatchQueue]
  private let cancellation = Cancellation()
  private var pending: [Pending] = []
  private var nextStep: Int

  init(_ loader: Loader, epoch: Int, order: [Int], from step: Int) {
    self.loader = loader
    self.epoch = epoch
    self.order = order
    nextStep = step
    workers = (0..<max(1, loader.options.workers)).map {
      DispatchQueue(label: "athanor.loader.\($0)", qos: .userInitiated)
    }
    for _ in 0..<max(1, loader.options.prefetch) { enqueue() }
  }

  deinit { cancellation.isCancelled.store(true, ordering: .relaxed) }

  /// The next batch, or `nil` after the last. Waits for it where it is not ready.
  ///
  /// Throws the error of a sample, naming its file; there is no batch after that.
  public func next() throws -> Batch? {
    guard !pending.isEmpty else { return nil }
    let current = pending.removeFirst()
    enqueue()
    current.ready.wait()
    do {
      return try current.result.withLock { $0.take() }?.get()
    } catch {
      cancellation.isCancelled.store(true, ordering: .relaxed)
      pending = []
      nextStep = loader.batchesPerEpoch
      throw error
    }
  }

  private func enqueue() {
    guard nextStep < loader.batchesPerEpoch else { return }
    let step = nextStep
    nextStep += 1
    let place = Pending()
    pending.append(place)
    workers[step % workers.count].async { [loader, epoch, order, cancellation] in
      defer { place.ready.signal() }
      guard !cancellation.isCancelled.load(ordering: .relaxed) else { return }
      let result = Result {
        try Threads.serially { try loader.batch(epoch: epoch, step: step, order: order) }
      }
      place.result.withLock { $0 = result }
    }
  }
}
