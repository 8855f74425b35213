import Foundation

/// The `athanor` binary that was built with these tests, run as a user would run it.
enum AthanorBinary {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
  static let path = root + "/.build/release/athanor"

  struct Result {
    let status: Int32
    let stdout: String
    let stderr: String
    var all: String { stdout + stderr }
  }

  static func run(_ arguments: [String], in folder: String = root) throws -> Result {
    try run(path, arguments, in: folder)
  }

  /// Runs a program found on the path; its outputs are written to files, so that neither can block.
  static func run(_ program: String, _ arguments: [String], in folder: String) throws -> Result {
    let scratch = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try writer("\(scratch)/stdout")
    process.standardError = try writer("\(scratch)/stderr")
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, stdout: try text("\(scratch)/stdout"),
      stderr: try text("\(scratch)/stderr"))
  }

  /// Starts `athanor` without waiting; its output is discarded.
  static func start(_ arguments: [String], in folder: String) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Whether the binary has the verb.
  static func has(_ verb: String) -> Bool {
    (try? run([verb, "--help"]))?.stdout.contains("athanor \(verb)") == true
  }

  static func temporaryFolder() throws -> String {
    let folder = NSTemporaryDirectory() + "athanor-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  private static func writer(_ path: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  private static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }
}
