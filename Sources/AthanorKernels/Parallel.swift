import COpenMP

/// Calls `body` with disjoint, contiguous ranges that cover `0..<count`, one per thread.
///
/// The split depends only on `count`, `grain` and the number of threads, so that a reduction that
/// combines one partial result per range in order is reproducible. `grain` is the smallest number
/// of elements worth a thread.
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

/// The fewest rows of `bytes` that are worth a thread: about 64 kB.
public func rowGrain(_ bytes: Int) -> Int { max(1, 65536 / max(1, bytes)) }

private struct Region {
  let count: Int
  let body: (Range<Int>) -> Void
}
