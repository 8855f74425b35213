import AthanorCore
import AthanorData
import Foundation

extension Notebook {
  public enum Mode: Equatable, Sendable {
    /// Differences are reported.
    case check
    /// As `check`, but blocks may run in a reduced form: see `Notebook`.
    case quick
    /// Outputs that differ beyond their tolerance are rewritten, and figures are copied again.
    case update
  }

  /// What a run of the notebook found.
  public struct Outcome {
    public var blocks = 0
    public var commands = 0
    public var differences: [NotebookError] = []
    /// The file's new text, where `update` changed it.
    public var text: String?
  }

  /// Runs the blocks in `folder`, which is emptied first. `tools` goes to the front of `PATH`.
  public func run(
    _ mode: Mode, in folder: String, tools: String, environment: [String: String]
  ) throws -> Outcome {
    let files = FileManager.default
    if files.fileExists(atPath: folder) { try files.removeItem(atPath: folder) }
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var variables = environment
    variables["PATH"] = "\(tools):\(environment["PATH"] ?? "/usr/bin:/bin")"
    variables["NO_COLOR"] = "1"
    variables["TERM"] = "dumb"
    let shell = Shell(folder: folder, environment: variables)

    var outcome = Outcome()
    var replaced: [(Range<Int>, [String])] = []
    for part in parts {
      switch part {
      case .file(let file):
        let path = "\(folder)/\(file.path)"
        try makeFolder(FileName.parent(of: path))
        try AtomicFile.write(file.text, to: path)
      case .figure(let figure):
        try place(figure, mode, from: folder, &outcome)
      case .block(let block):
        if mode == .quick, block.options.quick == .skip { continue }
        outcome.blocks += 1
        if mode == .quick, let script = block.replacement {
          outcome.commands += 1
          let result = try shell.run(script)
          if result.status != 0 {
            outcome.differences.append(unexpected(result, script, line: block.line))
          }
          continue
        }
        for (i, command) in block.commands.enumerated() {
          outcome.commands += 1
          let result = try shell.run(command.script)
          let shouldFail = block.options.fails && i == block.commands.count - 1
          if (result.status != 0) != shouldFail {
            outcome.differences.append(
              unexpected(result, command.script, line: command.outputLines.lowerBound))
            continue
          }
          let compared =
            !block.options.ignored && (mode != .quick || block.options.quick == .compare)
          guard compared || mode == .update,
            let difference = difference(command, result.lines, block.options)
          else { continue }
          if mode == .update {
            replaced.append((command.outputLines, result.lines))
          } else {
            outcome.differences.append(difference)
          }
        }
      }
    }
    if !replaced.isEmpty {
      var lines = self.lines
      for (range, new) in replaced.reversed() { lines.replaceSubrange(range, with: new) }
      outcome.text = lines.joined(separator: "\n")
    }
    return outcome
  }

  private func unexpected(_ result: Shell.Result, _ script: String, line: Int) -> NotebookError {
    let tail = result.lines.suffix(12).map { "\n    \($0)" }.joined()
    return NotebookError(
      path: path, line: line,
      message: "'\(script)' ended with status \(result.status)\(tail)")
  }

  /// The first line that differs from the notebook.
  private func difference(
    _ command: Command, _ received: [String], _ options: NotebookOptions
  ) -> NotebookError? {
    for i in 0..<max(command.output.count, received.count) {
      let expected = i < command.output.count ? command.output[i] : nil
      let line = i < received.count ? received[i] : nil
      if let expected, let line, options.matches(expected, line) { continue }
      return NotebookError(
        path: path, line: command.outputLines.lowerBound + i + 1,
        message: """
          the output of '\(command.script)' differs
              expected \(expected ?? "no more lines")
              received \(line ?? "no more lines")
          """)
    }
    return nil
  }

  private func place(
    _ figure: Figure, _ mode: Mode, from folder: String, _ outcome: inout Outcome
  ) throws {
    let source = "\(folder)/\(figure.source)"
    let beside = (path as NSString).deletingLastPathComponent
    let copy = beside.isEmpty ? figure.copy : "\(beside)/\(figure.copy)"
    let wanted = mode == .update ? source : copy
    guard FileManager.default.fileExists(atPath: wanted) else {
      outcome.differences.append(
        NotebookError(path: path, line: figure.line, message: "the figure \(wanted) is missing"))
      return
    }
    guard mode == .update else { return }
    try FileManager.default.createDirectory(
      atPath: (copy as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try AtomicFile.write(try AtomicFile.read(source), to: copy)
  }
}

/// Runs commands one at a time through `bash`, stdout and stderr as one stream.
private struct Shell {
  struct Result {
    var status: Int32
    var lines: [String]
  }

  let folder: String
  let environment: [String: String]

  func run(_ script: String) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-o", "pipefail", "-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    var lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return Result(status: process.terminationStatus, lines: lines)
  }
}
