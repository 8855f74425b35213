extension JSON {
  /// Reads strict JSON (RFC 8259): no comments, no trailing commas, no duplicate keys, nothing
  /// after.
  ///
  /// Integers that fit `Int` and are written without fraction or exponent are `.integer`.
  ///
  /// Errors: throws `JSONError` with line and column, also beyond `maximumDepth` nested containers
  /// (at most 100).
  public init(parsing bytes: [UInt8], file: String? = nil, maximumDepth: Int = 100) throws {
    try self.init(whole: JSONText(bytes, file: file), maximumDepth: maximumDepth)
  }

  public init(parsing text: String, file: String? = nil) throws {
    try self.init(parsing: Array(text.utf8), file: file)
  }

  /// Reads the JSON file at `path`. Throws `FileError` or `JSONError`, naming the file.
  public init(contentsOf path: String) throws {
    try self.init(whole: JSONText(contentsOf: path))
  }

  private init(whole text: JSONText, maximumDepth: Int = 100) throws {
    var cursor = JSONCursor(text, maximumDepth: maximumDepth)
    self = try cursor.value()
    try cursor.end()
  }
}

extension JSONCursor {
  /// Reads the next value as a tree. A key that occurs twice in one object is an error.
  public mutating func value() throws -> JSON {
    switch kind {
    case .object:
      var members: [JSON.Member] = []
      var seen: Set<String> = []
      try object { key, value in
        let name = try value.text(of: key)
        guard seen.insert(name).inserted else {
          throw value.syntaxError(
            "each key once", received: "'\(name)' again", at: key.offset(in: value.text))
        }
        members.append(JSON.Member(name, try value.value()))
      }
      return .object(members)
    case .array:
      var items: [JSON] = []
      try array { _, value in items.append(try value.value()) }
      return .array(items)
    case .string: return .string(try string())
    case .bool: return .bool(try bool())
    case .null:
      try word("null")
      return .null
    case .number:
      if base[position] == UInt8(ascii: "N") || base[position] == UInt8(ascii: "I") {
        throw syntaxError("a value")
      }
      return try number()
    case nil: throw syntaxError("a value")
    }
  }

  private func text(of key: JSONKey) throws -> String {
    var cursor = self
    cursor.position = key.offset(in: text)
    return try cursor.string()
  }
}
