#if canImport(Glibc)
  import Glibc
  private let systemRead = Glibc.pread
#else
  import Darwin
  private let systemRead = Darwin.pread
#endif

/// A file open for reading at given offsets, for formats too large to be read into memory at once.
public final class InputFile: Sendable {
  public let path: String
  public let size: Int
  private let file: Int32

  /// Errors: throws `FileError` when there is no such file, or it is not a regular one.
  public init(_ path: String) throws {
    self.path = path
    (file, size) = try RegularFile.open(path)
  }

  deinit { close(file) }

  /// Fills `buffer` from the bytes at `offset`.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < buffer.count {
      let got = systemRead(
        file, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if got < 0, errno == EINTR { continue }
      if got < 0 { throw FileError(path: path, operation: "read") }
      if got == 0 {
        throw FileError(path: path, operation: "read", reason: "the file became shorter")
      }
      done += got
    }
  }

  public func read(_ count: Int, at offset: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try read(into: $0, at: offset) }
    return bytes
  }
}
