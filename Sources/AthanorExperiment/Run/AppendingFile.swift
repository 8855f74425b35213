import AthanorCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that only grows, a whole piece at a time: a piece that does not fit leaves none of itself.
final class AppendingFile {
  let path: String
  private(set) var length: Int
  private let file: Int32

  /// Opens or makes the file and cuts it to its first `length` bytes. Throws `FileError`.
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
