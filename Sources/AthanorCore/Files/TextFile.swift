/// Text files in UTF-8, with or without a byte order mark, with any line endings.
///
/// Other encodings are refused by name rather than read as something else.
public enum TextFile {
  /// The text of a file, without its byte order mark.
  ///
  /// Errors: throws `FileError` where the file cannot be read or is not UTF-8; the reason names the
  /// encoding that it seems to have.
  public static func read(_ path: String) throws -> String {
    try text(of: try AtomicFile.read(path), file: path)
  }

  /// The text in the bytes of `file`, without a byte order mark. Errors: as `read`.
  public static func text(of bytes: [UInt8], file: String) throws -> String {
    let start = try contentStart(of: bytes, file: file)
    guard let text = String(validating: bytes[start...], as: UTF8.self) else {
      throw FileError(
        path: file, operation: "read",
        reason: "not UTF-8 text, but \(otherEncoding(of: bytes)); save it as UTF-8")
    }
    return text
  }

  /// The offset of the text, after a UTF-8 byte order mark. Throws `FileError` for UTF-16 and
  /// UTF-32.
  public static func contentStart(of bytes: [UInt8], file: String) throws -> Int {
    let (start, other) = encoding(of: bytes.prefix(64))
    guard let other else { return start }
    throw FileError(
      path: file, operation: "read", reason: "\(other) text, not UTF-8; save it as UTF-8")
  }

  /// The encoding that the first bytes of a text show: the offset of UTF-8 after its mark, or the
  /// name of an encoding with more bytes per character, by its mark or by its zero bytes.
  static func encoding(of head: some Collection<UInt8>) -> (start: Int, other: String?) {
    let first = Array(head.prefix(4))
    func has(_ mark: [UInt8]) -> Bool { first.starts(with: mark) }
    if has([0xEF, 0xBB, 0xBF]) { return (3, nil) }
    if has([0xFF, 0xFE, 0, 0]) || has([0, 0, 0xFE, 0xFF]) { return (0, "UTF-32") }
    if has([0xFF, 0xFE]) { return (0, "UTF-16 (little endian)") }
    if has([0xFE, 0xFF]) { return (0, "UTF-16 (big endian)") }
    // Plain text begins with a character of ASCII, and none of its bytes is zero.
    guard first.count >= 2, first.contains(0) else { return (0, nil) }
    if first[0] == 0, first[1] == 0 { return (0, "UTF-32, or zeros") }
    if first[1] == 0 { return (0, "UTF-16 (little endian)") }
    return (0, first[0] == 0 ? "UTF-16 (big endian)" : nil)
  }

  /// The lines of a file without the space around them, empty ones left out.
  ///
  /// A line that begins with `#` is a comment and left out, unless `isContent` takes it as it is.
  public static func lines(
    of path: String, isContent: (String) -> Bool = { _ in false }
  ) throws -> [String] {
    try lines(in: read(path)).filter { !$0.hasPrefix("#") || isContent($0) }
  }

  /// The lines of a text without the space around them, empty ones left out.
  public static func lines(in text: String) -> [String] {
    let isEnd: (UInt8) -> Bool = { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    let isSpace: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    return text.utf8.split(whereSeparator: isEnd).compactMap { line in
      guard let first = line.firstIndex(where: { !isSpace($0) }) else { return nil }
      let last = line.lastIndex { !isSpace($0) }!
      return String(line[first...last])
    }
  }

  /// The encoding that a file's first bytes show where it is neither UTF-8 nor of one byte per
  /// character: `UTF-16 (little endian)`; nil for other files, and where it cannot be read.
  public static func wideEncoding(of path: String) -> String? {
    guard let file = try? InputFile(path) else { return nil }
    return (try? file.read(min(file.size, 4), at: 0)).flatMap { encoding(of: $0).other }
  }

  /// The likely encoding of bytes that are not UTF-8.
  public static func otherEncoding(of bytes: some RandomAccessCollection<UInt8>) -> String {
    looksLikeGBK(bytes) ? "GBK (GB 18030), as it seems" : "another encoding"
  }

  /// Whether all bytes beyond ASCII form pairs of GBK.
  private static func looksLikeGBK(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
    let bytes = Array(bytes)
    var index = 0
    var pairs = 0
    while index < bytes.count {
      if bytes[index] < 0x80 {
        index += 1
        continue
      }
      guard (0x81...0xFE).contains(bytes[index]), index + 1 < bytes.count,
        (0x40...0xFE).contains(bytes[index + 1]), bytes[index + 1] != 0x7F
      else { return false }
      pairs += 1
      index += 2
    }
    return pairs > 0
  }
}
