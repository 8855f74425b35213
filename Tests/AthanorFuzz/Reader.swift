import AthanorCore
import Foundation

/// The readers that are fuzzed. A reader is one file and one line here.
let readers: [Reader] = [
  .image, .safeTensors, .npy, .pyTorch, .json, .coco, .xml, .yaml, .spec, .checkpoint, .text,
  .notebook, .data,
]

/// Something that takes bytes from outside: it answers or throws, soon and in bounded memory.
struct Reader: Sendable {
  let name: String
  /// What to start from, beside the corpus that the tests write into a folder of this name.
  var seeds: @Sendable () throws -> [[UInt8]] = { [] }
  let read: @Sendable ([UInt8]) throws -> Void

  /// Any error is an answer.
  func accept(_ bytes: [UInt8]) { try? read(bytes) }

  /// A reader of files of this name.
  static func file(
    _ name: String, as file: String, seeds: @escaping @Sendable () throws -> [[UInt8]] = { [] },
    _ read: @escaping @Sendable (String) throws -> Void
  ) -> Reader {
    let path = "\(scratch)/\(file)"
    return Reader(name: name, seeds: seeds) { bytes in
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      try read(path)
    }
  }

  /// What `write` puts into a file.
  static func written(_ write: (String) throws -> Void) throws -> [UInt8] {
    let path = "\(scratch)/seed"
    try write(path)
    return try AtomicFile.read(path)
  }
}

/// Tries each; all of them take the same input.
func each(_ attempts: [() throws -> Void]) { for attempt in attempts { try? attempt() } }

/// A folder of this process.
let scratch: String = {
  let path = NSTemporaryDirectory() + "/athanor-fuzz-\(getpid())"
  try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  atexit { try? FileManager.default.removeItem(atPath: scratch) }
  return path
}()
