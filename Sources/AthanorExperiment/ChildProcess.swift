import AthanorCore
import CResources
import Foundation

/// A program started by this one: in its own process group, so that Ctrl-C does not reach it, with
/// no signal blocked or ignored, and without a thread of this process that waits for it.
final class ChildProcess {
  enum Ending: Equatable {
    case exited(Int32)
    case signalled(Int32)
  }

  /// The program could not be started.
  struct Failure: Error, CustomStringConvertible {
    var program: String
    /// The system's error number.
    var code: Int32

    var description: String {
      "\(program): cannot start the program: \(String(cString: strerror(code)))"
    }
  }

  private let id: pid_t
  private var known: Ending?

  /// Starts a program, given by its path or by a name found on `PATH`, with these descriptors as
  /// its standard streams. Throws `Failure`.
  init(
    _ program: String, _ arguments: [String], input: Int32, output: Int32, errors: Int32
  ) throws {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (stream, file) in [input, output, errors].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, file, Int32(stream))
    }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK)
        | Int16(POSIX_SPAWN_SETSIGDEF))
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    defer { words.forEach { free($0) } }
    var id = pid_t()
    let status = posix_spawnp(&id, program, &actions, &attributes, words + [nil], environ)
    words.append(nil)
    guard status == 0 else { throw Failure(program: program, code: status) }
    self.id = id
  }

  /// How the program ended; nil while it is running.
  var ending: Ending? { settle(WNOHANG) }

  /// Waits until the program ends.
  func wait() -> Ending {
    while true { if let ending = settle(0) { return ending } }
  }

  private func settle(_ options: Int32) -> Ending? {
    if let known { return known }
    var status: Int32 = 0
    let found = waitpid(id, &status, options)
    if found == id {
      let signal = status & 0x7F
      known = signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    } else if found < 0, errno != EINTR {
      known = .exited(-1)
    }
    return known
  }

  // MARK: - Synchronously

  /// The output of a program that has ended.
  struct Outcome {
    var ending: Ending
    var output: [UInt8]
    var errors: [UInt8]
  }

  /// Runs a program until it ends. Its streams are files without a name: unlike pipes, they cannot
  /// fill up or break.
  ///
  /// Errors: throws `Failure`, `FileError`.
  package static func run(_ program: String, _ arguments: [String], input: [UInt8]) throws
    -> Outcome
  {
    let files = try (0..<3).map { _ in try UnnamedFile() }
    try files[0].fill(input)
    let process = try ChildProcess(
      program, arguments, input: files[0].descriptor, output: files[1].descriptor,
      errors: files[2].descriptor)
    let ending = process.wait()
    return Outcome(
      ending: ending, output: try files[1].content(), errors: try files[2].content())
  }
}

/// A file that no folder lists; it is deleted when its last descriptor is closed.
private final class UnnamedFile {
  let descriptor: Int32

  init() throws {
    descriptor = athanor_unnamed_file()
    guard descriptor >= 0 else { throw FileError(path: "a temporary file", operation: "write") }
  }

  deinit { close(descriptor) }

  /// Writes the file from the beginning, and seeks back to the beginning.
  func fill(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes {
      try RegularFile.write($0, to: descriptor, "a temporary file")
    }
    lseek(descriptor, 0, SEEK_SET)
  }

  /// Everything that was written to it.
  func content() throws -> [UInt8] {
    let size = max(0, Int(lseek(descriptor, 0, SEEK_END)))
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = pread(descriptor, buffer.baseAddress! + count, size - count, off_t(count))
        guard got > 0 else { break }
        count += got
      }
    }
  }
}
