import AthanorCore
import Foundation

/// `athanor train` in a separate process, so that its memory use and crashes do not affect other
/// runs.
///
/// This process keeps the other end of its standard input open. When that closes, by `stop()` or
/// because this process has ended, the run writes a checkpoint and stops.
final class TrainingProcess {
  private let process: ChildProcess
  /// The other end of the run's standard input; nil once it is closed.
  private var input: Int32?
  private let log: String
  /// The length of the log before this attempt.
  private let start: Int

  /// Starts the program; its output is appended to `log`. Throws where that is not possible.
  init(_ executable: String, _ arguments: [String], log: String) throws {
    let file = try RegularFile.openForWriting(log, O_WRONLY | O_APPEND)
    defer { close(file) }
    self.log = log
    start = Int(lseek(file, 0, SEEK_END))
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard nowhere >= 0 else { throw FileError(path: "/dev/null", operation: "write") }
    defer { close(nowhere) }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw FileError(path: executable, operation: "start") }
    // No other run may inherit this end: it would then never be closed.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    do {
      process = try ChildProcess(
        executable, arguments, input: ends[0], output: nowhere, errors: file)
    } catch {
      close(ends[1])
      throw error
    }
    input = ends[1]
  }

  deinit { stop() }

  /// Asks the run to write a checkpoint and stop; calling it again has no effect.
  func stop() {
    if let input { close(input) }
    input = nil
  }

  /// The run's output in the log, without the output of earlier attempts.
  var said: String {
    let bytes = (try? AtomicFile.read(log)) ?? []
    return String(decoding: bytes.dropFirst(start), as: UTF8.self)
  }

  /// How the run ended; nil while it runs.
  var ending: ChildProcess.Ending? { process.ending }
}

/// The reason why a run failed: `failure.json`.
struct RunFailure: Equatable {
  var reason: String
  /// The exit code as a shell reports it: 128 + the signal where a signal ended the run.
  var exitCode: Int

  /// Takes the reason from the last lines of the run's output `said`.
  init(_ ending: ChildProcess.Ending, said: String) {
    switch ending {
    case .exited(Training.stoppedStatus):
      (reason, exitCode) = ("stopped before its last epoch", Int(Training.stoppedStatus))
    case .exited(let status):
      exitCode = Int(status)
      reason = Self.lastWords(said) ?? "exit code \(status)"
    case .signalled(let signal):
      exitCode = 128 + Int(signal)
      let name = String(cString: strsignal(signal))
      let hint = signal == SIGKILL ? ", perhaps for want of memory" : ""
      reason = "ended by signal \(signal) (\(name)\(hint))"
    }
  }

  /// The failure of a run that could not be started or inspected.
  init(_ error: any Error) { (reason, exitCode) = ("\(error)", 1) }

  var json: JSON { ["reason": .string(reason), "exitCode": .integer(exitCode)] }

  /// The last line that contains an error, or else the last line.
  private static func lastWords(_ text: String) -> String? {
    let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }
      .filter { !$0.isEmpty }
    let mark = "Error: "
    let last = lines.last { $0.hasPrefix(mark) || $0.contains("Fatal error: ") } ?? lines.last
    return last.map { String($0.hasPrefix(mark) ? $0.dropFirst(mark.count) : $0) }
  }
}
