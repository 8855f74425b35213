import AthanorCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Exclusive write access to a folder among processes: a lock on `.lock` in it.
///
/// The system releases the lock when the process ends in any way, and programs that the process
/// starts do not inherit it. On a file system without locks nothing is locked.
public struct FolderLock {
  private let file: Int32

  /// Locks the folder, which must exist, until `release` or the end of the process.
  ///
  /// Errors: `ContentError` when another process has the lock, `FileError` when it cannot be
  /// written.
  public init(_ folder: String) throws {
    let path = Self.file(in: folder)
    file = try RegularFile.openForWriting(path, O_RDWR)
    guard flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
      close(file)
      let holder = (try? TextFile.read(path)).flatMap { Int($0) }
      throw ContentError(
        path: folder, expected: "a folder that no other process writes to",
        received: "one in use by \(holder.map { "process \($0)" } ?? "another process")")
    }
    // The process id is only used in messages.
    let holder = Array("\(getpid())".utf8)
    if ftruncate(file, 0) == 0 { _ = write(file, holder, holder.count) }
  }

  /// Releases the lock.
  public func release() { close(file) }

  /// Whether any process has locked the folder.
  package static func isHeld(_ folder: String) -> Bool {
    let file = open(file(in: folder), O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  private static func file(in folder: String) -> String { "\(folder)/.lock" }
}
