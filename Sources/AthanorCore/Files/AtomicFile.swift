#if canImport(Glibc)
  import Glibc
  private let systemRead = Glibc.read
#else
  import Darwin
  private let systemRead = Darwin.read
#endif

/// A file operation that failed: the file, the operation and the system's reason.
public struct FileError: Error, Equatable, CustomStringConvertible {
  public var path: String
  /// The operation: `read`, `write`, `create the folder`.
  public var operation: String
  public var reason: String

  public init(path: String, operation: String, reason: String) {
    self.path = path
    self.operation = operation
    self.reason = reason
  }

  /// The error that `errno` describes.
  public init(path: String, operation: String) {
    self.init(path: path, operation: operation, reason: String(cString: strerror(errno)))
  }

  public var description: String { "\(path): cannot \(operation): \(reason)" }
}

/// Whole files that are never seen half written: temporary file, fsync, rename, fsync of the
/// folder.
public enum AtomicFile {
  /// Writes a file with `body`, which replaces the one at `path` only once it is safely on disk.
  ///
  /// Where `path` is a symbolic link to a file, that file is replaced and the link stays.
  ///
  /// Errors: throws `FileError`, or what `body` throws, and leaves the old file and no temporary
  /// one, when the disk is full, the folder is missing or unwritable, or something else than a
  /// regular file stands at `path`.
  public static func write(to named: String, _ body: (Writer) throws -> Void) throws {
    try RegularFile.refuse(named, "write")
    let path = target(of: named)
    let temporary = "\(path).\(getpid()).tmp"
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw FileError(path: path, operation: "write") }
    var isOpen = true
    do {
      try body(Writer(file: file, path: path))
      guard fsync(file) == 0 else { throw FileError(path: path, operation: "write") }
      isOpen = false
      guard close(file) == 0, rename(temporary, path) == 0 else {
        throw FileError(path: path, operation: "write")
      }
    } catch {
      if isOpen { close(file) }
      unlink(temporary)
      throw error
    }
    // The new name is on disk once the folder is.
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let directory = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  /// The target of a symbolic link to a file; any other path unchanged.
  private static func target(of path: String) -> String {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK,
      let resolved = realpath(path, nil)
    else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The end of a file being written, piece by piece.
  public struct Writer {
    fileprivate let file: Int32
    fileprivate let path: String

    public func append(_ bytes: UnsafeRawBufferPointer) throws {
      try RegularFile.write(bytes, to: file, path)
    }

    public func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try append($0) } }
  }

  public static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
    try write(to: path) { try $0.append(bytes) }
  }

  public static func write(_ bytes: [UInt8], to path: String) throws {
    try bytes.withUnsafeBytes { try write($0, to: path) }
  }

  public static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  /// All bytes of the file at `path`.
  public static func read(_ path: String) throws -> [UInt8] {
    let (file, size) = try RegularFile.open(path)
    defer { close(file) }
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = systemRead(file, buffer.baseAddress! + count, size - count)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failed = true }
        if got <= 0 { break }
        count += got
      }
    }
    if failed { throw FileError(path: path, operation: "read") }
    return bytes
  }
}
