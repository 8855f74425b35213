/// A `.safetensors` file open for reading: named arrays and a few words about them.
///
/// The whole header is checked at once, the arrays are read one by one on demand.
/// Source: Hugging Face, safetensors format (8-byte length, JSON header, data without holes).
public struct SafeTensors: Sendable {
  /// Type, shape and range in the file of one array.
  public struct Entry: Equatable, Sendable {
    public let name: String
    public let type: ElementType
    public let shape: [Int]
    /// The range of its bytes in the file.
    let range: Range<Int>
  }

  public let path: String
  /// In the order of the header.
  public let entries: [Entry]
  public let metadata: [String: String]
  private let file: InputFile
  private let index: [String: Int]

  static let longestHeader = 100_000_000

  /// Opens the file and checks its header.
  ///
  /// Errors: `FileError`; `JSONError` for a header that is not JSON; `ContentError` for a header
  /// over 100 MB, a size that disagrees with type and shape, an overlap or a hole.
  public init(_ path: String) throws {
    self.path = path
    file = try InputFile(path)
    guard file.size >= 8 else {
      throw ContentError(
        path: path, key: "the file", expected: "a safetensors file", received: "\(file.size) bytes"
      )
    }
    let length = try file.read(8, at: 0).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.longestHeader), length <= UInt64(file.size - 8) else {
      throw ContentError(
        path: path, key: "the header",
        expected: "at most \(min(Self.longestHeader, file.size - 8)) bytes",
        received: "a length of \(length)")
    }
    let text = try file.read(Int(length), at: 8)
    guard text.first == UInt8(ascii: "{") else {
      throw ContentError(
        path: path, key: "the header", expected: "a JSON object", received: "other bytes")
    }
    let header = try JSON(parsing: text, file: path, maximumDepth: 4)
    var reader = HeaderReader(path: path, start: 8 + Int(length), end: file.size)
    (entries, metadata) = try reader.read(header)
    index = Dictionary(uniqueKeysWithValues: zip(entries.map(\.name), entries.indices))
  }

  public var names: [String] { entries.map(\.name) }

  public func entry(_ name: String) -> Entry? { index[name].map { entries[$0] } }

  /// The array of this name.
  ///
  /// Errors: `ContentError` when there is none, `FileError` when the disk fails.
  public func array(_ name: String) throws -> NumericArray {
    let entry = try required(name)
    return NumericArray(
      type: entry.type, shape: entry.shape,
      bytes: try file.read(entry.range.count, at: entry.range.lowerBound))
  }

  /// Copies the array's bytes into memory of exactly its size, without another copy in between.
  public func read(_ name: String, into buffer: UnsafeMutableRawBufferPointer) throws {
    let entry = try required(name)
    precondition(
      buffer.count == entry.range.count,
      "SafeTensors.read: \(buffer.count) bytes for '\(name)' of \(entry.range.count)")
    try file.read(into: buffer, at: entry.range.lowerBound)
  }

  /// The elements of the array of this name, which must be of exactly this type.
  public func elements<Element: ArrayElement>(
    _ name: String, as type: Element.Type = Element.self
  ) throws -> [Element] {
    let array = try array(name)
    guard let elements = array.elements(as: type) else {
      throw ContentError(
        path: path, key: "'\(name)'", expected: "\(Element.elementType)",
        received: "\(array.type)")
    }
    return elements
  }

  private func required(_ name: String) throws -> Entry {
    if let entry = entry(name) { return entry }
    let hint = nearestName(to: name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
    throw ContentError(
      path: path, key: "'\(name)'", expected: "an array of this name",
      received: "a file without it\(hint)")
  }
}

/// Checks a header entry by entry.
private struct HeaderReader {
  let path: String
  /// The offsets of the first byte of data and of the one after the last.
  let start: Int
  let end: Int

  func error(_ name: String, _ expected: String, _ received: String) -> ContentError {
    let part = name.isEmpty ? "the data" : "'\(name)'"
    return ContentError(path: path, key: part, expected: expected, received: received)
  }

  mutating func read(_ header: JSON) throws -> ([SafeTensors.Entry], [String: String]) {
    var entries: [SafeTensors.Entry] = []
    var metadata: [String: String] = [:]
    for member in header.object ?? [] {
      if member.key == "__metadata__" {
        for pair in member.value.object ?? [] {
          guard let text = pair.value.string else {
            throw error("__metadata__", "text for '\(pair.key)'", pair.value.compact)
          }
          metadata[pair.key] = text
        }
      } else {
        entries.append(try entry(member))
      }
    }
    var reached = start
    // Equal starts only occur with empty arrays, which come first.
    let order = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for entry in order {
      guard entry.range.lowerBound == reached else {
        throw error(
          entry.name, "data that begins at byte \(reached - start)",
          "byte \(entry.range.lowerBound - start)")
      }
      reached = entry.range.upperBound
    }
    guard reached == end else {
      throw error("", "\(reached - start) bytes as in the header", "\(end - start)")
    }
    return (entries, metadata)
  }

  private func entry(_ member: JSON.Member) throws -> SafeTensors.Entry {
    let name = member.key
    let types = ElementType.allCases.map(\.safeTensorsName)
    let code = member.value["dtype"]
    guard let typeIndex = code?.string.flatMap(types.firstIndex(of:)) else {
      throw error(
        name, "a dtype (\(types.joined(separator: ", ")))", code?.compact ?? "none")
    }
    let type = ElementType.allCases[typeIndex]
    let sizes = member.value["shape"]
    let shape = sizes?.array?.compactMap(\.integer)
    guard let shape, shape.count == sizes?.array?.count, let bytes = byteCount(of: shape, type)
    else {
      throw error(
        name, "a shape of sizes whose product fits 64 bits", sizes?.compact ?? "none")
    }
    let offsets = member.value["data_offsets"]
    guard let pair = offsets?.array?.compactMap(\.integer), pair.count == 2,
      offsets?.array?.count == 2, pair[0] >= 0, pair[0] <= pair[1], pair[1] <= end - start
    else {
      throw error(
        name, "data_offsets within the \(end - start) bytes of data", offsets?.compact ?? "none")
    }
    guard pair[1] - pair[0] == bytes else {
      throw error(
        name, "\(bytes) bytes for \(type) of shape \(shape)", "\(pair[1] - pair[0])")
    }
    return SafeTensors.Entry(
      name: name, type: type, shape: shape, range: start + pair[0]..<start + pair[1])
  }
}

extension ElementType {
  var safeTensorsName: String { rawValue.uppercased() }
}
