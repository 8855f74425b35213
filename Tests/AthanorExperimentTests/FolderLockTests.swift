import AthanorCore
import AthanorExperiment
import Foundation
import TestSupport
import Testing

@Test func aFolderIsTakenOnce() throws {
  let folder = try TemporaryFolder()
  let first = try FolderLock(folder.path)
  #expect {
    try FolderLock(folder.path)
  } throws: {
    "\($0)"
      == "\(folder.path): expected a folder that no other process writes to, "
      + "received one in use by process \(getpid())"
  }
  first.release()
  let second = try FolderLock(folder.path)
  second.release()
  #expect(throws: FileError.self) { try FolderLock(folder.file("none")) }
}

/// A folder that only has the lock of an earlier run counts as empty.
@Test func theLockIsNoRun() throws {
  let folder = try TemporaryFolder()
  let lock = try FolderLock(folder.path)
  lock.release()
  #expect(throws: ContentError.self) { try RunFolder(existing: folder.path) }
  #expect(throws: Never.self) { try RunFolder(creating: folder.path, name: "x") }
}
