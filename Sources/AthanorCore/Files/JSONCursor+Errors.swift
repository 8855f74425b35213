extension JSONCursor {
  /// The error of an unexpected value.
  ///
  /// - `received`: What was found; by default a description of the next value.
  /// - `offset`: Its offset, if it is not the next value: an earlier `offset`.
  /// - `key`: The member or item of this value with the error, such as `id` or `[2]`.
  public func error(
    expected: String, received: String? = nil, at offset: Int? = nil, key: String = ""
  ) -> JSONError {
    var cursor = self
    if let offset { cursor.position = offset }
    guard received != nil || cursor.kind != nil else {
      return cursor.syntaxError(expected)
    }
    var error = cursor.syntaxError(expected, received: received ?? cursor.nextValueInWords)
    error.key = key
    return error
  }

  /// The error of text that is not JSON at the next byte, or at `offset`.
  func syntaxError(_ expected: String, received: String? = nil, at offset: Int? = nil) -> JSONError
  {
    let offset = offset ?? position
    let (line, column) = text.position(of: offset)
    var found = "the end of the text"
    if offset < text.count {
      let byte = base[offset]
      found = byte > 0x20 && byte < 0x7F ? "'\(Character(UnicodeScalar(byte)))'" : "byte \(byte)"
      for word in ["NaN", "Infinity"] where word.utf8.elementsEqual(bytes(offset, word.utf8.count))
      {
        found = word
      }
    }
    return JSONError(
      file: text.file, line: line, column: column, expected: expected, received: received ?? found)
  }

  private func bytes(_ offset: Int, _ count: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: base + offset, count: min(count, text.count - offset))
  }

  /// A short description of the next value: `null`, `an array`, `"text"`, `1.5`.
  private var nextValueInWords: String {
    var cursor = self
    switch kind {
    case .object: return "an object"
    case .array: return "an array"
    case .null: return "null"
    case .bool, .number:
      guard (try? cursor.skip()) != nil else { return "something else" }
      let spelled = bytes(position, cursor.position - position)
      return String(decoding: spelled.prefix(40), as: UTF8.self) + (spelled.count > 40 ? "…" : "")
    case .string:
      guard let text = try? cursor.string() else { return "text" }
      return "\"\(text.prefix(40))\(text.count > 40 ? "…" : "")\""
    case nil: return "nothing"
    }
  }
}
