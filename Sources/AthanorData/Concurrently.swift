import AthanorKernels
import Synchronization

/// `body` of every element, spread over the CPUs, in the order of the elements.
///
/// Throws the error of the earliest element that failed.
public func concurrently<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ body: @Sendable (Element) throws -> Result
) throws -> [Result] {
  let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
  parallelFor(elements.count) { index in
    let result = Swift.Result { try body(elements[index]) }
    results.withLock { $0[index] = result }
  }
  return try results.withLock { found in try elements.indices.map { try found[$0]!.get() } }
}
