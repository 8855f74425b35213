#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The bytes of a JSON file, for `JSONCursor`. A UTF-8 byte order mark is skipped.
///
/// A file is mapped, not copied: parts that are never read take no memory. It must not be truncated
/// while it is in use; replacing it by renaming is safe.
public final class JSONText: @unchecked Sendable {
  /// The file the text came from, if it came from one.
  public let file: String?
  /// In bytes.
  public let count: Int
  /// `count` bytes, then at least `padding` zeros.
  let base: UnsafePointer<UInt8>
  /// The offset of the text, after a byte order mark.
  let start: Int
  private let region: UnsafeMutableRawPointer
  /// The length of a mapped region; `nil` for one of `malloc`.
  private let mappedLength: Int?

  /// Zeros after the text, which end every loop over its bytes without a count.
  private static let padding = 64

  /// Maps the file at `path`.
  ///
  /// Errors: throws `FileError` when it cannot be read, `JSONError` when it is UTF-16 or UTF-32.
  public init(contentsOf path: String) throws {
    let (descriptor, size) = try RegularFile.open(path)
    defer { close(descriptor) }
    // Zero pages first and the file over them, so that the bytes after its last one read as zero.
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let length = (size + Self.padding + page - 1) / page * page
    guard
      let region = mmap(
        nil, length, PROT_READ, MAP_PRIVATE | Int32(MAP_ANONYMOUS), -1, 0),
      region != MAP_FAILED
    else { throw FileError(path: path, operation: "read") }
    if size > 0 {
      guard mmap(region, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0) != MAP_FAILED
      else {
        let error = FileError(path: path, operation: "read")
        munmap(region, length)
        throw error
      }
      madvise(region, size, Int32(MADV_SEQUENTIAL))
    }
    file = path
    count = size
    self.region = region
    mappedLength = length
    base = UnsafePointer(region.assumingMemoryBound(to: UInt8.self))
    let (start, other) = Self.encoding(base, count)
    self.start = start
    if let other {
      throw JSONError(file: path, line: 1, column: 1, expected: "UTF-8 text", received: other)
    }
  }

  /// A copy of these bytes. Errors name `file`.
  public init(_ bytes: [UInt8], file: String? = nil) {
    let region = UnsafeMutableRawPointer.allocate(
      byteCount: bytes.count + Self.padding, alignment: 16)
    bytes.withUnsafeBytes { source in
      if let address = source.baseAddress {
        region.copyMemory(from: address, byteCount: bytes.count)
      }
    }
    (region + bytes.count).initializeMemory(as: UInt8.self, repeating: 0, count: Self.padding)
    self.file = file
    count = bytes.count
    self.region = region
    mappedLength = nil
    base = UnsafePointer(region.assumingMemoryBound(to: UInt8.self))
    start = Self.encoding(base, count).start
  }

  deinit {
    if let mappedLength {
      munmap(region, mappedLength)
    } else {
      region.deallocate()
    }
  }

  private static func encoding(
    _ base: UnsafePointer<UInt8>, _ count: Int
  ) -> (start: Int, other: String?) {
    TextFile.encoding(of: UnsafeBufferPointer(start: base, count: min(count, 4)))
  }

  /// Line and column of a byte, both counted from 1.
  func position(of offset: Int) -> (line: Int, column: Int) {
    let before = UnsafeBufferPointer(start: base, count: min(max(offset, 0), count))
    let newline = UInt8(ascii: "\n")
    let lineStart = before.lastIndex(of: newline).map { $0 + 1 } ?? start
    return (before.count { $0 == newline } + 1, before.count - lineStart + 1)
  }
}
