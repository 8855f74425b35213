import AthanorCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that is only appended to, in whole pieces: a piece that cannot be written completely
/// leaves no trace.
final class AppendingFile {
  let path: String
  private(set) var length: Int
  private let file: Int32

  /// Opens or creates the file and truncates it to its first `length` bytes. Throws `FileError`.
  init(_ path: String, keeping length: Int) throws {
    self.path = path
    self.length = length
    file = try RegularFile.openForWriting(path, O_WRONLY | O_APPEND)
    guard ftruncate(file, off_t(length)) == 0 else {
      let error = FileError(path: path, operation: "write")
      close(file)
      throw error
    }
  }

  deinit { close(file) }

  func append(_ bytes: [UInt8]) throws {
    do {
      try bytes.withUnsafeBytes { try RegularFile.write($0, to: file, path) }
    } catch {
      ftruncate(file, off_t(length))
      throw error
    }
    length += bytes.count
  }

  func append(_ text: String) throws { try append(Array(text.utf8)) }
}
