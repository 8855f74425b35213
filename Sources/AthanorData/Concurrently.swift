import AthanorKernels
import Synchronization

/// The results of `body` for every element, computed on all CPUs, in the order of the elements.
///
/// Throws the error of the earliest element that failed; later ones are not started.
public func concurrently<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ body: @Sendable (Element) throws -> Result
) throws -> [Result] {
  let state = Mutex(ConcurrentResults<Result>())
  parallelFor(elements.count) { index in
    guard state.withLock({ $0.failure.map { index < $0.index } ?? true }) else { return }
    do {
      let result = try body(elements[index])
      state.withLock { $0.results[index] = result }
    } catch {
      state.withLock {
        if $0.failure.map({ index < $0.index }) ?? true { $0.failure = (index, error) }
      }
    }
  }
  return try state.withLock { state in
    if let failure = state.failure { throw failure.error }
    return elements.indices.map { state.results[$0]! }
  }
}

/// As above for many elements.
///
/// - `progress`: Called from time to time with how many are done; it may throw to stop.
public func concurrently<Element: Sendable, Result: Sendable>(
  _ elements: [Element], progress: (Int) throws -> Void,
  _ body: @Sendable (Element) throws -> Result
) throws -> [Result] {
  let elementsAtOnce = 64
  var results: [Result] = []
  for start in stride(from: 0, to: elements.count, by: elementsAtOnce) {
    try progress(start)
    let end = min(start + elementsAtOnce, elements.count)
    results += try concurrently(Array(elements[start..<end]), body)
  }
  return results
}

private struct ConcurrentResults<Result: Sendable>: Sendable {
  var results: [Int: Result] = [:]
  /// The earliest one.
  var failure: (index: Int, error: any Error)?
}
