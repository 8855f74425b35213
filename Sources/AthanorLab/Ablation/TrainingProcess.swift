import AthanorCore
import Foundation

/// `athanor train` in a process of its own: what one run does to memory or dies of is no matter to the
/// others.
///
/// The other end of its standard input is held here. When that closes, by `stop()` or because this
/// process is no more, the run checkpoints and stops.
final class TrainingProcess {
  enum Ending: Equatable {
    case exited(Int32)
    case signalled(Int32)
  }

  private let process = Process()
  private let input = Pipe()
  private let log: String
  /// The log's length before this attempt.
  private let start: Int

  /// Starts the program; what it says goes to the end of `log`. Throws where that cannot be done.
  init(_ executable: String, _ arguments: [String], log: String) throws {
    let file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw FileError(path: log, operation: "write") }
    self.log = log
    start = Int(lseek(file, 0, SEEK_END))
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    try process.run()
  }

  /// Asks the run to checkpoint and stop; asking again does nothing.
  func stop() { try? input.fileHandleForWriting.close() }

  /// What the run has said in the log, without what earlier attempts said.
  var said: String {
    let bytes = (try? AtomicFile.read(log)) ?? []
    return String(decoding: bytes.dropFirst(start), as: UTF8.self)
  }

  /// How the run ended; nil while it runs.
  var ending: Ending? {
    guard !process.isRunning else { return nil }
    return process.terminationReason == .exit
      ? .exited(process.terminationStatus) : .signalled(process.terminationStatus)
  }
}

/// Why a run failed: `failure.json`.
struct RunFailure: Equatable {
  var reason: String
  /// As a shell has it: 128 + the signal where one ended the run.
  var exitCode: Int

  /// Reads the reason off the last words of what the run `said`.
  init(_ ending: TrainingProcess.Ending, said: String) {
    switch ending {
    case .exited(0): (reason, exitCode) = ("stopped before its last epoch", 0)
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

  /// A run that could not be started or looked at.
  init(_ error: any Error) { (reason, exitCode) = ("\(error)", 1) }

  var json: JSON { ["reason": .string(reason), "exitCode": .integer(exitCode)] }

  /// The last line that tells of an error, or the last line.
  private static func lastWords(_ text: String) -> String? {
    let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }
      .filter { !$0.isEmpty }
    let mark = "Error: "
    let last = lines.last { $0.hasPrefix(mark) || $0.contains("Fatal error: ") } ?? lines.last
    return last.map { String($0.hasPrefix(mark) ? $0.dropFirst(mark.count) : $0) }
  }
}
