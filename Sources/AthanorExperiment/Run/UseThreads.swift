import AthanorKernels

/// The thread counts that can be asked for.
public let threadCounts = 1...1024

/// Sets the CPU threads of everything that computes; nil leaves all.
public func useThreads(_ count: Int?) {
  guard let count else { return }
  Threads.count = count
  if Threads.count < count {
    monitor.warn("\(Threads.count) of \(count) threads: the system grants no more")
  }
}
