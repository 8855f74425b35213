import Yams

/// Text that is not the supported YAML: the line, and the problem.
public struct YAMLError: Error, Equatable, CustomStringConvertible {
  public var file: String
  /// Counted from 1; nil when the parser does not report it.
  public var line: Int?
  public var problem: String

  public init(file: String, line: Int?, problem: String) {
    self.file = file
    self.line = line
    self.problem = problem
  }

  public var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(problem)" }
}

/// A YAML file as settings, with the line of every key.
///
/// Plain scalars follow YAML 1.2's core schema (`yes` and `on` are text). Aliases and anchors,
/// tags, duplicate keys, more than one document and more than 50 levels are refused.
public struct YAMLDocument: Sendable {
  public let settings: Settings
  /// The line of each key under its dotted path.
  public let lines: [String: Int]
  public let file: String

  public static let maximumDepth = 50
  private static let maximumSize = 1 << 20

  /// How plain scalars such as `1` or `true` are read.
  public enum Scalars: Sendable {
    /// A number, a truth value, null or text, by the core schema.
    case typed
    /// As text, since names may look like numbers (`007`) or truth values (`no`).
    case text
  }

  /// Reads the file at `path`. Throws `FileError` or `YAMLError`.
  public init(contentsOf path: String, scalars: Scalars = .typed) throws {
    try self.init(parsing: TextFile.read(path), file: path, scalars: scalars)
  }

  /// Reads YAML text; `file` is its name in messages. An empty text is an empty map.
  public init(parsing text: String, file: String, scalars: Scalars = .typed) throws {
    self.file = file
    guard text.utf8.count <= Self.maximumSize else {
      throw YAMLError(
        file: file, line: nil,
        problem: "expected at most \(Self.maximumSize) bytes, received \(text.utf8.count)")
    }
    if let line = lineOfAlias(in: text) {
      throw YAMLError(file: file, line: line, problem: "aliases ('*name') are not supported")
    }
    do {
      // The parser must live as long as its nodes, which refer to its anchors.
      let parser = try Parser(yaml: text)
      var reader = NodeReader(file: file, scalars: scalars)
      settings = try withExtendedLifetime(parser) {
        try parser.singleRoot().map { try reader.settings($0, at: "", depth: 0) } ?? .map([])
      }
      lines = reader.lines
    } catch let error as YamlError {
      throw YAMLError(error, file: file)
    }
  }

  /// Runs `body`; a `SettingsError` from it is given the file and line of its key.
  public func locating<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch var error as SettingsError where error.file == nil {
      error.file = line(of: error.key).map { "\(file):\($0)" } ?? file
      throw error
    }
  }

  /// The line of the key, or of the nearest key above it.
  public func line(of key: String) -> Int? {
    var key = key[...]
    while !key.isEmpty {
      if let line = lines[String(key)] { return line }
      guard let cut = key.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
      key = key[..<cut]
    }
    return nil
  }
}

/// Turns nodes into settings and records their lines.
private struct NodeReader {
  let file: String
  let scalars: YAMLDocument.Scalars
  var lines: [String: Int] = [:]

  func error(_ node: Node, _ problem: String) -> YAMLError {
    YAMLError(file: file, line: node.mark?.line, problem: problem)
  }

  mutating func settings(_ node: Node, at key: String, depth: Int) throws -> Settings {
    guard depth <= YAMLDocument.maximumDepth else {
      throw error(node, "more than \(YAMLDocument.maximumDepth) levels")
    }
    lines[key] = lines[key] ?? node.mark?.line
    if node.anchor != nil { throw error(node, "anchors ('&name') are not supported") }
    switch node {
    case .scalar(let scalar):
      if scalar.tag.description == "!" || scalar.style != .plain { return .string(scalar.string) }
      guard scalar.tag == .implicit else { throw error(node, "tags ('!name') are not supported") }
      return scalars == .text ? .string(scalar.string) : YAMLScalar.settings(of: scalar.string)
    case .sequence(let items):
      return .list(
        try items.enumerated().map { try settings($1, at: "\(key)[\($0)]", depth: depth + 1) })
    case .mapping(let pairs):
      var entries: [Settings.Entry] = []
      var keys = Set<String>()
      for (name, value) in pairs {
        guard case .scalar(let scalar) = name else { throw error(name, "keys must be names") }
        guard keys.insert(scalar.string).inserted else {
          throw error(name, "the key '\(scalar.string)' stands here twice")
        }
        let path = key.isEmpty ? scalar.string : "\(key).\(scalar.string)"
        lines[path] = name.mark?.line
        entries.append(
          Settings.Entry(scalar.string, try settings(value, at: path, depth: depth + 1)))
      }
      return .map(entries)
    case .alias: throw error(node, "aliases ('*name') are not supported")
    }
  }
}

/// The first line that uses an alias. Checked on the text, because the parser expands aliases while
/// parsing, and a page of them can expand to more than any memory.
private func lineOfAlias(in text: String) -> Int? {
  for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
    var quote: Character?
    var before: Character = "-"
    var previous: Character = " "
    for character in line {
      defer {
        if character != " " { before = character }
        previous = character
      }
      if let open = quote {
        if character == open { quote = nil }
        continue
      }
      if character == "#", previous == " " { break }
      if character == "\"" || character == "'", "-?:,[{".contains(before) { quote = character }
      if character == "*", "-?:,[{".contains(before), previous == " " || "[{,".contains(previous) {
        return number + 1
      }
    }
  }
  return nil
}

extension YAMLError {
  init(_ error: YamlError, file: String) {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let place = context.map { " \($0.text)" } ?? ""
      self.init(
        file: file, line: mark.line,
        problem: problem.hasPrefix("found undefined alias")
          ? "aliases ('*name') are not supported" : "not YAML: \(problem)\(place)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      self.init(
        file: file, line: context.mark.line,
        problem: "the key '\(duplicates.joined(separator: "', '"))' stands in one map twice")
    case .reader(let problem, _, _, _):
      self.init(file: file, line: nil, problem: "not YAML: \(problem)")
    default: self.init(file: file, line: nil, problem: "not YAML: \(error)")
    }
  }
}
