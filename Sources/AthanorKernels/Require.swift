#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Traps with `message` on standard error unless `condition` holds: for programmer mistakes.
///
/// As `precondition`, whose message an optimised build does not print.
@inline(__always)
public func require(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition() { refuse(message(), file, line) }
}

@inline(never)
@usableFromInline
func refuse(_ message: String, _ file: StaticString, _ line: UInt) -> Never {
  let text = "\(file):\(line): \(message)\n"
  _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  preconditionFailure(message)
}
