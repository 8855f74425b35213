#if canImport(Glibc)
  import Glibc
  private let systemOpen: @Sendable (String, Int32, mode_t) -> Int32 = { Glibc.open($0, $1, $2) }
  private let systemWrite = Glibc.write
#else
  import Darwin
  private let systemOpen: @Sendable (String, Int32, mode_t) -> Int32 = { Darwin.open($0, $1, $2) }
  private let systemWrite = Darwin.write
#endif

/// Opens files, only regular ones: reading a FIFO would block, a device may never end, and sockets
/// and folders cannot be written as files.
public enum RegularFile {
  /// Opens the file to read it, and returns its size at that moment.
  ///
  /// Errors: throws `FileError` where there is none, and where it is no regular file.
  static func open(_ path: String) throws -> (descriptor: Int32, size: Int) {
    try open(path, O_RDONLY, "read")
  }

  /// Opens or creates the file to write to it. Errors: as `open`.
  public static func openForWriting(_ path: String, _ flags: Int32) throws -> Int32 {
    try open(path, flags | O_CREAT, "write").descriptor
  }

  /// Writes all bytes to an open file, however many it takes at a time; errors name `path`.
  public static func write(
    _ bytes: UnsafeRawBufferPointer, to file: Int32, _ path: String
  ) throws {
    var written = 0
    while written < bytes.count {
      let count = systemWrite(file, bytes.baseAddress! + written, bytes.count - written)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileError(path: path, operation: "write") }
      written += count
    }
  }

  private static func open(
    _ path: String, _ flags: Int32, _ operation: String
  ) throws -> (descriptor: Int32, size: Int) {
    // Without O_NONBLOCK the call itself would wait at a FIFO.
    let file = systemOpen(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0o644)
    guard file >= 0 else {
      let reason = errno
      try refuse(path, operation)
      errno = reason
      throw FileError(path: path, operation: operation)
    }
    var status = stat()
    guard fstat(file, &status) == 0 else {
      let error = FileError(path: path, operation: operation)
      close(file)
      throw error
    }
    if let kind = kind(status.st_mode) {
      close(file)
      throw FileError(
        path: path, operation: operation, reason: "not a regular file, but \(kind)")
    }
    return (file, Int(status.st_size))
  }

  /// Throws `FileError` where a path is something other than a regular file.
  static func refuse(_ path: String, _ operation: String) throws {
    var status = stat()
    guard stat(path, &status) == 0, let kind = kind(status.st_mode) else { return }
    throw FileError(path: path, operation: operation, reason: "not a regular file, but \(kind)")
  }

  /// The kind of a file that is not regular, in words; nil for a regular one.
  private static func kind(_ mode: mode_t) -> String? {
    switch mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a folder"
    case S_IFIFO: "a FIFO or pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }
}
