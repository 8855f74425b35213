import Foundation
import Synchronization

/// Ctrl-C and a polite kill: the first asks the run to save and stop, the second ends it at once.
public enum Interruption {
  private static let seen = Atomic<Bool>(false)

  public static var requested: Bool { seen.load(ordering: .relaxed) }

  /// Catches SIGINT and SIGTERM from now on, also where the process was started with them blocked, as
  /// one is that a thread of a dispatch queue starts.
  public static func watch() {
    var numbers = sigset_t()
    sigemptyset(&numbers)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&numbers, number)
      signal(number) { number in
        if Interruption.seen.exchange(true, ordering: .relaxed) { _exit(128 + number) }
      }
    }
    pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
  }

  /// Takes the end of standard input for the first request: whoever holds its other end can ask for
  /// a stop by closing it, and does so whichever way it ends.
  public static func watchInput() {
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while true {
        let count = read(STDIN_FILENO, &byte, 1)
        if count == 0 || (count < 0 && errno != EINTR) { break }
      }
      seen.store(true, ordering: .relaxed)
    }
  }
}
