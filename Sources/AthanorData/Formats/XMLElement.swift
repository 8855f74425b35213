import AthanorCore

/// An element of an XML file: its name, its elements in order and the text directly in it.
struct XMLElement: Equatable {
  var name: String
  var attributes: [String: String] = [:]
  var children: [XMLElement] = []
  var text = ""

  func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }

  func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

  /// The text of the first element `name`, without surrounding space.
  func value(_ name: String) -> String? { first(name)?.trimmed }

  /// The text of the first element `name`, or else the attribute of that name.
  func stated(_ name: String) -> String? { value(name) ?? attributes[name] }

  var trimmed: String { ClassName.trimmed(text) }

  /// Reads the root element of a file. Throws `FileError` or `ContentError` with the line.
  init(contentsOf path: String) throws {
    self = try XMLElement.parse(try AtomicFile.read(path), file: path)
  }

  init(name: String) { self.name = name }

  /// Reads an annotation file's XML: elements, attributes, text, comments, CDATA and the five named
  /// and all numeric characters. Document type declarations, and with them entities, are refused;
  /// so are more than 64 levels and files above 64 MB.
  static func parse(_ bytes: [UInt8], file: String) throws -> XMLElement {
    var parser = XMLParser(bytes: bytes, file: file)
    return try parser.document()
  }

  /// Reads a file's elements directly in its root one after another, so that only one is in memory
  /// besides the bytes: for files of up to 2 GB.
  ///
  /// - Parameter body: Gets the element and its position in the file.
  /// - Returns: The root's name.
  static func readChildren(
    ofRootIn path: String, _ body: (XMLElement, Range<Int>) throws -> Void
  ) throws -> String {
    var parser = XMLParser(bytes: try AtomicFile.read(path), file: path)
    return try parser.children(body)
  }
}

private struct XMLParser {
  let bytes: [UInt8]
  let file: String
  var position = 0

  static let depthLimit = 64
  static let sizeLimit = 64 << 20
  static let streamedSizeLimit = 2 << 30

  init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  func problem(_ expected: String, _ received: String) -> ContentError {
    let line = bytes[..<min(position, bytes.count)].count { $0 == UInt8(ascii: "\n") } + 1
    return ContentError(path: "\(file):\(line)", expected: expected, received: received)
  }

  mutating func document() throws -> XMLElement {
    try start(limit: Self.sizeLimit)
    let root = try element(depth: 1)
    try end()
    return root
  }

  mutating func children(_ body: (XMLElement, Range<Int>) throws -> Void) throws -> String {
    try start(limit: Self.streamedSizeLimit)
    let (root, isEmpty) = try tag()
    while !isEmpty {
      try skipMisc()
      if at("</") {
        try close(root.name)
        break
      }
      if at("<") {
        let start = position
        let child = try element(depth: 2)
        try body(child, start..<position)
      } else if position < bytes.count {
        position += 1
      } else {
        throw problem("</\(root.name)>", "the end of the file")
      }
    }
    try end()
    return root.name
  }

  private mutating func start(limit: Int) throws {
    guard bytes.count <= limit else {
      throw problem("at most \(limit) bytes of XML", "\(bytes.count)")
    }
    position = try TextFile.contentStart(of: bytes, file: file)
    try skipMisc()
  }

  private mutating func end() throws {
    try skipMisc()
    guard position == bytes.count else { throw problem("one root element", "more after it") }
  }

  func at(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    for i in 0..<count where bytes[position + i] != text.utf8Start[i] { return false }
    return true
  }

  mutating func skip(past end: StaticString, of what: String) throws {
    while position < bytes.count {
      if at(end) {
        position += end.utf8CodeUnitCount
        return
      }
      position += 1
    }
    throw problem("'\(end)' to end \(what)", "the end of the file")
  }

  mutating func skipSpace() {
    while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
  }

  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 32 || byte == 9 || byte == 10 || byte == 13
  }

  /// Space, comments, processing instructions; a document type is refused.
  mutating func skipMisc() throws {
    while true {
      skipSpace()
      if at("<!--") {
        position += 4
        try skip(past: "-->", of: "a comment")
      } else if at("<?") {
        try skip(past: "?>", of: "a processing instruction")
      } else if at("<!") {
        throw problem("plain XML", "a document type declaration (DTDs and entities are refused)")
      } else {
        return
      }
    }
  }

  mutating func name() throws -> String {
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      let isName =
        byte >= 0x80 || (byte >= 48 && byte <= 58) || (byte >= 65 && byte <= 90)
        || (byte >= 97 && byte <= 122) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: ".")
      guard isName else { break }
      position += 1
    }
    guard position > start else { throw problem("a name", received()) }
    return try string(bytes[start..<position])
  }

  func received() -> String {
    guard position < bytes.count else { return "the end of the file" }
    return "'\(String(decoding: bytes[position..<min(position + 12, bytes.count)], as: UTF8.self))'"
  }

  func string(_ slice: some Sequence<UInt8>) throws -> String {
    guard let text = String(validating: Array(slice), as: UTF8.self) else {
      throw problem("UTF-8 text", TextFile.otherEncoding(of: bytes))
    }
    return text
  }

  mutating func element(depth: Int) throws -> XMLElement {
    guard depth <= Self.depthLimit else {
      throw problem("at most \(Self.depthLimit) nested elements", "more")
    }
    var (element, isEmpty) = try tag()
    if isEmpty { return element }
    var text: [UInt8] = []
    while true {
      guard position < bytes.count else {
        throw problem("</\(element.name)>", "the end of the file")
      }
      if at("</") {
        try close(element.name)
        element.text = try string(text)
        return element
      } else if at("<![CDATA[") {
        position += 9
        let start = position
        try skip(past: "]]>", of: "a CDATA section")
        text += bytes[start..<(position - 3)]
      } else if at("<!") || at("<?") {
        try skipMisc()
      } else if at("<") {
        element.children.append(try self.element(depth: depth + 1))
      } else if at("&") {
        text += try reference()
      } else {
        text.append(bytes[position])
        position += 1
      }
    }
  }

  /// The element's name and attributes, and whether it ends with them.
  private mutating func tag() throws -> (XMLElement, isEmpty: Bool) {
    guard at("<") else { throw problem("an element", received()) }
    position += 1
    var element = XMLElement(name: try name())
    while true {
      skipSpace()
      if at("/>") {
        position += 2
        return (element, true)
      }
      if at(">") {
        position += 1
        return (element, false)
      }
      let key = try name()
      skipSpace()
      guard at("=") else { throw problem("'=' after the attribute \(key)", received()) }
      position += 1
      skipSpace()
      element.attributes[key] = try quoted()
    }
  }

  private mutating func close(_ name: String) throws {
    position += 2
    let closing = try self.name()
    guard closing == name else { throw problem("</\(name)>", "</\(closing)>") }
    skipSpace()
    guard at(">") else { throw problem("'>'", received()) }
    position += 1
  }

  mutating func quoted() throws -> String {
    guard at("\"") || at("'") else { throw problem("a quoted value", received()) }
    let quote = bytes[position]
    position += 1
    var text: [UInt8] = []
    while position < bytes.count, bytes[position] != quote {
      if at("&") {
        text += try reference()
      } else {
        text.append(bytes[position])
        position += 1
      }
    }
    guard position < bytes.count else { throw problem("a closing quote", "the end of the file") }
    position += 1
    return try string(text)
  }

  mutating func reference() throws -> [UInt8] {
    let end = bytes[position...].prefix(12).firstIndex(of: UInt8(ascii: ";"))
    guard let end else { throw problem("a character reference", received()) }
    let name = try string(bytes[(position + 1)..<end])
    let named: [String: String] = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]
    var character = named[name]
    if character == nil, name.hasPrefix("#") {
      let digits = name.dropFirst(name.hasPrefix("#x") ? 2 : 1)
      character = UInt32(digits, radix: name.hasPrefix("#x") ? 16 : 10)
        .flatMap(Unicode.Scalar.init).map { String(Character($0)) }
    }
    guard let character else { throw problem("a known character reference", "'&\(name);'") }
    position = end + 1
    return Array(character.utf8)
  }
}

/// Text escaped for an XML element or attribute.
func escapedXML(_ text: String) -> String {
  var escaped = ""
  for character in text {
    switch character {
    case "&": escaped += "&amp;"
    case "<": escaped += "&lt;"
    case ">": escaped += "&gt;"
    case "\"": escaped += "&quot;"
    default: escaped.append(character)
    }
  }
  return escaped
}
