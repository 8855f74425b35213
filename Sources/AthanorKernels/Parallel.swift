import COpenMP

#if canImport(Glibc)
  import Glibc
#endif

/// The one place for threads. Loops here and oneDNN's primitives share libgomp's pool, so a loop
/// never competes with another library's spinning workers. Regions are never nested.
public enum Threads {
  nonisolated(unsafe) private static var configured = availableCPUs

  /// The CPUs this process may use.
  public static var availableCPUs: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// The number of threads that parallel loops and compute libraries use. Set it before computing:
  /// results are bit-identical for the same count, not across counts.
  public static var count: Int {
    get { configured }
    set {
      configured = max(1, newValue)
      athanor_openmp_set_threads(Int32(configured))
    }
  }

  /// Runs `body` with every parallel loop that it reaches kept on the calling thread.
  ///
  /// For threads beside the main one, which would each get a pool of workers of their own. A loop
  /// with one partial result a range then has one range: use it where that changes no result.
  public static func serially<Result>(_ body: () throws -> Result) rethrows -> Result {
    athanor_openmp_serial(1)
    defer { athanor_openmp_serial(-1) }
    return try body()
  }

  static var isSerial: Bool { athanor_openmp_is_serial() != 0 }
}

/// Calls `body` with disjoint, contiguous ranges that cover `0..<count`, one a thread.
///
/// The split depends on `count`, `grain` and the thread count alone, so a reduction that combines
/// one partial result a range in order is reproducible. `grain` is the least work worth a thread.
public func parallelRanges(_ count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
  guard count > 0 else { return }
  let threads = min(Threads.count, max(1, count / max(1, grain)))
  guard threads > 1, !Threads.isSerial else { return body(0..<count) }
  withoutActuallyEscaping(body) { body in
    var region = Region(count: count, body: body)
    withUnsafeMutablePointer(to: &region) { pointer in
      athanor_openmp_parallel(
        { context, thread, threads in
          let region = context!.assumingMemoryBound(to: Region.self).pointee
          let lower = region.count * Int(thread) / Int(threads)
          let upper = region.count * (Int(thread) + 1) / Int(threads)
          if lower < upper { region.body(lower..<upper) }
        }, pointer, Int32(threads))
    }
  }
}

/// Calls `body(i)` for every `i` in `0..<count`, spread over the threads in contiguous ranges.
public func parallelFor(_ count: Int, grain: Int = 1, _ body: (Int) -> Void) {
  parallelRanges(count, grain: grain) { range in
    for i in range { body(i) }
  }
}

private struct Region {
  let count: Int
  let body: (Range<Int>) -> Void
}
