import AthanorKernels

/// The allowed thread counts.
public let threadCounts = 1...1024

/// Sets the number of CPU threads for all computation; nil: all CPUs.
public func useThreads(_ count: Int?) {
  guard let count else { return }
  Threads.count = count
  if Threads.count < count {
    monitor.warn("\(Threads.count) of \(count) threads: the system grants no more")
  }
}
