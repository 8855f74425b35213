import AthanorCore
import AthanorData
import AthanorVision
import Foundation
import Testing

/// A folder that goes when the test lets go of it.
final class TemporaryFolder {
  let path: String

  init() {
    path = FileManager.default.temporaryDirectory.path + "/athanor-data-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a text file, its folders made.
  func write(_ text: String, to name: String) throws {
    try write(Array(text.utf8), to: name)
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try makeParent(of: name)
    try AtomicFile.write(bytes, to: "\(path)/\(name)")
  }

  func write(_ image: Image, to name: String, palette: [UInt8]? = nil) throws {
    try makeParent(of: name)
    try image.write(to: "\(path)/\(name)", palette: palette)
  }

  private func makeParent(of name: String) throws {
    let parent = "\(path)/\(name)".split(separator: "/").dropLast().joined(separator: "/")
    try FileManager.default.createDirectory(atPath: "/" + parent, withIntermediateDirectories: true)
  }
}

/// The folder of real images, where there is one.
let realData: String? = {
  let environment = ProcessInfo.processInfo.environment["ATHANOR_DATA"]
  let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  let candidates = [environment, "/\(package)/../shared/data"].compactMap { $0 }
  return candidates.first { FileManager.default.fileExists(atPath: $0) }
}()

/// Builds a source through the registry, as a configuration does.
func source(_ name: String, _ options: [(String, Settings)]) throws -> any DataSource {
  try datasets.make(Selection(name, options.map { .init($0.0, $0.1) }), at: "data")
}

/// The message of the error that `body` throws.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "(no error)"
  } catch {
    return "\(error)"
  }
}

/// A gray RGB image.
func blank(_ width: Int, _ height: Int, _ value: UInt8 = 128) -> Image {
  Image(width: width, height: height, channels: 3, filledWith: value)
}
