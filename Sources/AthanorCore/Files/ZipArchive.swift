/// A zip archive whose members are stored as they are, not compressed: what `torch.save` writes.
///
/// The whole directory is checked at once; the members are read from the file by their range.
/// Source: PKWARE, APPNOTE.TXT 6.3.10, 4.3 (headers and directory) and 4.5.3 (zip64).
struct ZipArchive: Sendable {
  /// The range of each member's bytes in the file.
  let members: [String: Range<Int>]

  /// The first bytes of the header before each member, and thus of the file.
  static let magic: [UInt8] = Array("PK\u{3}\u{4}".utf8)
  private static let endRecord: [UInt8] = Array("PK\u{5}\u{6}".utf8)
  private static let longestDirectory = 100_000_000

  /// Reads and checks the directory.
  ///
  /// Errors: `FileError`; `ContentError` for a damaged directory, and for a member that is
  /// compressed, encrypted, outside the file or of a name that another one has.
  init(_ file: InputFile) throws {
    let location = try Self.directory(of: file)
    let directory = try file.read(location.range.count, at: location.range.lowerBound)
    var members: [String: Range<Int>] = [:]
    var position = 0
    for _ in 0..<location.count {
      guard let entry = DirectoryEntry(directory[position...]) else {
        throw Self.damaged(file, "an entry at byte \(location.range.lowerBound + position)")
      }
      position += entry.size
      let data = try entry.data(in: file, endingBefore: location.range.lowerBound)
      guard members.updateValue(data, forKey: entry.name) == nil else {
        throw ContentError(
          path: file.path, key: "'\(entry.name)'", expected: "one member of this name",
          received: "two")
      }
    }
    guard position == directory.count else {
      throw Self.damaged(file, "\(location.count) entries of \(directory.count) bytes")
    }
    self.members = members
  }

  /// The range of the directory and its number of entries, from the records at the end of the file.
  private static func directory(of file: InputFile) throws -> (range: Range<Int>, count: Int) {
    // The end record has 22 bytes and a comment of at most 65,535.
    let tailStart = max(0, file.size - 22 - 65_535)
    let tail = try file.read(file.size - tailStart, at: tailStart)
    let starts = stride(from: tail.count - 22, through: 0, by: -1)
    guard
      let start = starts.first(where: {
        tail[$0...].starts(with: endRecord)
          && tail.number(2, at: $0 + 20) == UInt64(tail.count - $0 - 22)
      })
    else { throw damaged(file, "no record at the end; the file may be cut off") }
    var count = tail.number(2, at: start + 10)
    var size = tail.number(4, at: start + 12)
    var offset = tail.number(4, at: start + 16)
    var end = tailStart + start
    // The zip64 record, whose offset is stored 12 bytes before the end record.
    if start >= 20, tail[(start - 20)...].starts(with: [0x50, 0x4B, 6, 7]) {
      let recordOffset = tail.number(8, at: start - 12)
      guard end >= 76, recordOffset <= UInt64(end - 76) else {
        throw damaged(file, "a zip64 record at byte \(recordOffset)")
      }
      end = Int(recordOffset)
      let record = try file.read(56, at: end)
      guard record.starts(with: [0x50, 0x4B, 6, 6]) else {
        throw damaged(file, "a zip64 record at byte \(recordOffset)")
      }
      count = record.number(8, at: 32)
      size = record.number(8, at: 40)
      offset = record.number(8, at: 48)
    }
    guard size <= UInt64(min(end, longestDirectory)), offset <= UInt64(end) - size,
      count <= size / 46
    else { throw damaged(file, "\(count) entries of \(size) bytes at byte \(offset)") }
    return (Int(offset)..<Int(offset + size), Int(count))
  }

  private static func damaged(_ file: InputFile, _ received: String) -> ContentError {
    ContentError(
      path: file.path, key: "the archive's directory", expected: "a zip archive's",
      received: received)
  }
}

/// The directory's entry of one member.
private struct DirectoryEntry {
  let name: String
  /// Bytes of this entry in the directory.
  let size: Int
  private let flags: UInt64
  private let method: UInt64
  private var compressed: UInt64
  private var uncompressed: UInt64
  private var header: UInt64

  /// Nil where the bytes are no complete entry.
  init?(_ bytes: ArraySlice<UInt8>) {
    let start = bytes.startIndex
    guard bytes.count >= 46, bytes.starts(with: [0x50, 0x4B, 1, 2]) else { return nil }
    let lengths = [28, 30, 32].map { Int(bytes.number(2, at: start + $0)) }
    size = 46 + lengths.reduce(0, +)
    let extra = start + 46 + lengths[0]
    guard size <= bytes.count,
      let name = String(validating: bytes[(start + 46)..<extra], as: UTF8.self)
    else { return nil }
    self.name = name
    flags = bytes.number(2, at: start + 8)
    method = bytes.number(2, at: start + 10)
    compressed = bytes.number(4, at: start + 20)
    uncompressed = bytes.number(4, at: start + 24)
    header = bytes.number(4, at: start + 42)
    guard readZip64(bytes[extra..<(extra + lengths[1])]) else { return nil }
  }

  /// Reads those numbers from the zip64 field that do not fit 32 bits, in the format's order.
  private mutating func readZip64(_ extra: ArraySlice<UInt8>) -> Bool {
    var rest = extra
    while rest.count >= 4 {
      let length = Int(rest.number(2, at: rest.startIndex + 2))
      guard length <= rest.count - 4 else { return false }
      let isZip64 = rest.number(2, at: rest.startIndex) == 1
      var field = rest.dropFirst(4).prefix(length)
      rest = rest.dropFirst(4 + length)
      guard isZip64 else { continue }
      for key in [\DirectoryEntry.uncompressed, \.compressed, \.header]
      where self[keyPath: key] == 0xFFFF_FFFF {
        guard field.count >= 8 else { return false }
        self[keyPath: key] = field.number(8, at: field.startIndex)
        field = field.dropFirst(8)
      }
    }
    return true
  }

  /// The range of the member's bytes; the header before them must agree with the directory.
  func data(in file: InputFile, endingBefore directory: Int) throws -> Range<Int> {
    func error(_ expected: String, _ received: String) -> ContentError {
      ContentError(
        path: file.path, key: "'\(name)'", expected: expected, received: received)
    }
    guard flags & 0x2041 == 0 else {
      throw error("a member that is not encrypted", "an encrypted one")
    }
    guard method == 0 else {
      throw error(
        "a member stored without compression, as torch.save writes it",
        "compression method \(method)")
    }
    let nameLength = name.utf8.count
    guard compressed == uncompressed, directory >= 30 + nameLength,
      header <= UInt64(directory - 30 - nameLength)
    else {
      throw error(
        "a member before the directory at byte \(directory)",
        "\(uncompressed) bytes, stored as \(compressed), at byte \(header)")
    }
    let local = try file.read(30 + nameLength, at: Int(header))
    guard local.starts(with: ZipArchive.magic), local.number(2, at: 26) == UInt64(nameLength),
      local[30...].elementsEqual(name.utf8)
    else { throw error("a header of this name at byte \(header)", "other bytes") }
    let start = Int(header) + 30 + nameLength + Int(local.number(2, at: 28))
    guard start <= directory, uncompressed <= UInt64(directory - start) else {
      throw error(
        "a member before the directory at byte \(directory)",
        "\(uncompressed) bytes at byte \(start)")
    }
    return start..<(start + Int(uncompressed))
  }
}

extension RandomAccessCollection<UInt8> where Index == Int {
  /// The unsigned number of at most 8 bytes at an index, little-endian.
  func number(_ size: Int, at index: Int) -> UInt64 {
    (0..<size).reversed().reduce(0) { $0 << 8 | UInt64(self[index + $1]) }
  }
}
