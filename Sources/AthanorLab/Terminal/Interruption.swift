import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Ctrl-C and a polite kill: the first asks the run to save and stop, the second ends it at once.
public enum Interruption {
  private static let seen = Atomic<Bool>(false)

  public static var requested: Bool { seen.load(ordering: .relaxed) }

  /// Catches SIGINT and SIGTERM from now on.
  public static func watch() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        if Interruption.seen.exchange(true, ordering: .relaxed) { _exit(128 + number) }
      }
    }
  }
}
