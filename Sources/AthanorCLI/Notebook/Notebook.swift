import AthanorCore

/// A Markdown file whose fenced `console` blocks are commands with their output, kept up to date by
/// running them again.
///
///     ```console tolerance=0.02 volatile="[0-9.]+ ms"
///     $ athanor list losses
///     cross_entropy …
///     ```
///
/// A line that begins with `$ ` is a command (a trailing `\` continues it); the lines up to the
/// next command are its output, stdout and stderr together. All blocks of a notebook run in order
/// in one empty folder, with `athanor` on the path. Words after `console`:
///
/// - `tolerance=R`: numbers may differ by the relative R; runs of blanks then count as one
/// - `volatile="REGEX"`: matching text is not compared; may be given more than once
/// - `fails`: the block's last command must fail; otherwise every command must succeed
/// - `ignore`: commands are run, but their output is not compared
/// - `quick=run`, `quick=skip`: in the quick form, run without comparing, or skip
///
/// A line `<!-- quick: COMMAND -->` directly above a block gives a command that is run in its place
/// in the quick form; its output is not compared. `<!-- figure: FILE -->` directly above an image
/// line names the file of that folder that the image is a copy of: `update` copies it, `check` only
/// requires that it exists. `<!-- file: PATH -->` directly above any other fenced block writes the
/// block to that file of the folder.
public struct Notebook {
  public struct Command: Equatable {
    /// The command as given to the shell.
    public var script: String
    /// The lines between the command and the next.
    public var output: [String]
    /// The range of the output among the file's lines.
    var outputLines: Range<Int>
  }

  public struct Block {
    public var commands: [Command]
    public var options: NotebookOptions
    /// The command that runs instead in the quick form.
    public var replacement: String?
    /// The line number of its opening fence, from 1.
    public var line: Int
  }

  /// A picture in the text that is a copy of a file written by the commands.
  public struct Figure {
    /// Its path in the folder where the commands run.
    public var source: String
    /// Its path relative to the notebook.
    public var copy: String
    var line: Int
  }

  /// A file whose content is in the text; it is written before the commands below it run.
  public struct File {
    /// Its path in the folder where the commands run.
    public var path: String
    public var text: String
  }

  public enum Part {
    case block(Block)
    case figure(Figure)
    case file(File)
  }

  public let path: String
  public let lines: [String]
  public let parts: [Part]

  public init(path: String) throws {
    try self.init(path: path, text: TextFile.read(path))
  }

  public init(path: String, text: String) throws {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    parts = try Self.parts(of: lines, path: path)
  }

  private static func parts(of lines: [String], path: String) throws -> [Part] {
    var parts: [Part] = []
    var i = 0
    var fence: Substring?
    while i < lines.count {
      let line = lines[i]
      let above = i > 0 ? lines[i - 1] : ""
      i += 1
      let ticks = line.prefix { $0 == "`" }
      if let open = fence {
        if ticks.count >= open.count, ticks.count == line.count { fence = nil }
        continue
      }
      if let source = comment("figure", in: above) {
        guard let open = line.range(of: "]("),
          let close = line[open.upperBound...].firstIndex(of: ")")
        else {
          throw NotebookError(path: path, line: i, message: "no image under the figure comment")
        }
        let copy = String(line[open.upperBound..<close])
        parts.append(.figure(Figure(source: source, copy: copy, line: i)))
      }
      guard ticks.count >= 3 else { continue }
      let info = line.dropFirst(ticks.count)
      let isConsole = info == "console" || info.hasPrefix("console ")
      let file = comment("file", in: above)
      guard isConsole || file != nil else {
        fence = ticks
        continue
      }
      let start = i
      while i < lines.count, !(lines[i].hasPrefix(ticks) && lines[i].allSatisfy { $0 == "`" }) {
        i += 1
      }
      guard i < lines.count else {
        throw NotebookError(path: path, line: start, message: "the block has no end")
      }
      if let file {
        let text = lines[start..<i].map { $0 + "\n" }.joined()
        parts.append(.file(File(path: file, text: text)))
        i += 1
        continue
      }
      let options = try NotebookOptions(info.dropFirst("console".count), path: path, line: start)
      parts.append(
        .block(
          Block(
            commands: try commands(in: lines, start..<i, path: path), options: options,
            replacement: comment("quick", in: above), line: start)))
      i += 1
    }
    return parts
  }

  private static func comment(_ key: String, in line: String) -> String? {
    let opening = "<!-- \(key): "
    guard line.hasPrefix(opening), line.hasSuffix(" -->") else { return nil }
    return String(line.dropFirst(opening.count).dropLast(4))
  }

  private static func commands(
    in lines: [String], _ range: Range<Int>, path: String
  ) throws -> [Command] {
    var commands: [Command] = []
    var i = range.lowerBound
    while i < range.upperBound {
      guard lines[i].hasPrefix("$ ") else {
        throw NotebookError(path: path, line: i + 1, message: "output without a command above it")
      }
      var script = String(lines[i].dropFirst(2))
      while script.hasSuffix("\\"), i + 1 < range.upperBound {
        i += 1
        script += "\n" + lines[i]
      }
      i += 1
      let start = i
      while i < range.upperBound, !lines[i].hasPrefix("$ ") { i += 1 }
      commands.append(
        Command(script: script, output: Array(lines[start..<i]), outputLines: start..<i))
    }
    return commands
  }
}

/// What is wrong in a notebook, and where.
public struct NotebookError: Error, Equatable, CustomStringConvertible {
  public var path: String
  /// The line number, from 1.
  public var line: Int
  public var message: String

  public var description: String { "\(path):\(line): \(message)" }
}
