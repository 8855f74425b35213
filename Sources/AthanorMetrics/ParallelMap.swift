import AthanorKernels

/// The results of `body(0), body(1), …`, computed on all threads.
///
/// Result i has index i whatever thread computes it, so that the result does not depend on the
/// number of threads.
func parallelMap<Result>(
  _ count: Int, grain: Int = 1, _ body: (Int) -> Result
) -> [Result] {
  [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
    let slots = buffer
    parallelFor(count, grain: grain) { i in (slots.baseAddress! + i).initialize(to: body(i)) }
    initialized = count
  }
}
