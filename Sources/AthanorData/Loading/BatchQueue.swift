import AthanorKernels
import Dispatch
import Synchronization

/// The batches of an epoch in order, prepared in advance on the loader's threads.
///
/// Used from one thread, which prepares them itself where the system grants no other. Releasing the
/// queue cancels work that has not started.
public final class BatchQueue {
  /// A batch being prepared.
  private final class Pending: Sendable {
    let step: Int
    let ready = DispatchSemaphore(value: 0)
    let result = Mutex<Result<Batch, any Error>?>(nil)

    init(step: Int) { self.step = step }
  }

  /// What the loader's threads share with the queue. A semaphore, no dispatch queue, which
  /// would wait forever where no thread can be started for it.
  private final class Work: Sendable {
    let waiting = Mutex<[Pending]>([])
    let count = DispatchSemaphore(value: 0)
    let isCancelled = Atomic(false)

    /// The next piece of work, after waiting for it; nil at the end.
    func next() -> Pending? {
      count.wait()
      guard !isCancelled.load(ordering: .relaxed) else { return nil }
      return waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
  }

  private let loader: Loader
  private let epoch: Int
  private let order: [Int]
  private let work = Work()
  /// Threads that prepare batches.
  private var workers = 0
  private var pending: [Pending] = []
  private var nextStep: Int

  init(_ loader: Loader, epoch: Int, order: [Int], from step: Int) {
    self.loader = loader
    self.epoch = epoch
    self.order = order
    nextStep = step
    guard step < loader.batchesPerEpoch else { return }
    for _ in 0..<max(1, loader.options.workers) {
      let isStarted = Threads.start { [loader, work] in
        while let piece = work.next() {
          Self.make(piece, loader, epoch, order)
          piece.ready.signal()
        }
      }
      workers += isStarted ? 1 : 0
    }
    for _ in 0..<max(1, loader.options.prefetch) { enqueue() }
  }

  deinit { cancel() }

  private func cancel() {
    work.isCancelled.store(true, ordering: .relaxed)
    for _ in 0..<workers { work.count.signal() }
  }

  /// The next batch, or `nil` after the last. Waits until it is ready.
  ///
  /// Throws the error of a sample, naming its file; there is no batch after that.
  public func next() throws -> Batch? {
    guard !pending.isEmpty else { return nil }
    let current = pending.removeFirst()
    enqueue()
    if workers > 0 {
      current.ready.wait()
    } else {
      Threads.serially { Self.make(current, loader, epoch, order) }
    }
    do {
      return try current.result.withLock { $0.take() }?.get()
    } catch {
      cancel()
      pending = []
      nextStep = loader.batchesPerEpoch
      throw error
    }
  }

  private func enqueue() {
    guard nextStep < loader.batchesPerEpoch else { return }
    let piece = Pending(step: nextStep)
    nextStep += 1
    pending.append(piece)
    guard workers > 0 else { return }
    work.waiting.withLock { $0.append(piece) }
    work.count.signal()
  }

  private static func make(_ piece: Pending, _ loader: Loader, _ epoch: Int, _ order: [Int]) {
    let result = Result { try loader.batch(epoch: epoch, step: piece.step, order: order) }
    piece.result.withLock { $0 = result }
  }
}
