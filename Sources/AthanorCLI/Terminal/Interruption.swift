import AthanorKernels
import Foundation
import Synchronization

/// Handles Ctrl-C, SIGTERM and the closing of the terminal: the first signal asks the run to save
/// and stop, a second Ctrl-C or SIGTERM ends it at once.
public enum Interruption {
  private static let seen = Atomic<Bool>(false)

  public static var requested: Bool { seen.load(ordering: .relaxed) }

  /// Catches SIGINT, SIGTERM and SIGHUP from now on, even where the process was started with them
  /// blocked. A SIGHUP that is ignored, as under nohup, stays ignored.
  public static func watch() {
    var numbers = sigset_t()
    sigemptyset(&numbers)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&numbers, number)
      signal(number) { number in
        if Interruption.seen.exchange(true, ordering: .relaxed) { _exit(128 + number) }
      }
    }
    var hangup = sigaction()
    sigaction(SIGHUP, nil, &hangup)
    #if canImport(Glibc)
      let isIgnored = hangup.__sigaction_handler.sa_handler.map(bits) == bits(SIG_IGN)
    #else
      let isIgnored = hangup.__sigaction_u.__sa_handler.map(bits) == bits(SIG_IGN)
    #endif
    if !isIgnored {
      sigaddset(&numbers, SIGHUP)
      // The closing of a terminal is often signalled twice, by the system and by the shell.
      signal(SIGHUP) { _ in Interruption.seen.store(true, ordering: .relaxed) }
    }
    pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
  }

  private static func bits(_ handler: (@convention(c) (Int32) -> Void)?) -> Int {
    unsafeBitCast(handler, to: Int.self)
  }

  /// Treats the end of standard input as the first request: the process that holds its other end
  /// can ask for a stop by closing it, and the system closes it when that process ends in any way.
  /// False where there is no thread to watch it.
  public static func watchInput() -> Bool {
    Threads.start {
      var byte: UInt8 = 0
      while true {
        let count = read(STDIN_FILENO, &byte, 1)
        if count == 0 || (count < 0 && errno != EINTR) { break }
      }
      seen.store(true, ordering: .relaxed)
    }
  }
}
