import Foundation
import Testing

/// Writes the generated images as seeds for `make fuzz`, into `image` of the folder that
/// `ATHANOR_CORPUS` names.
@Test(.enabled(if: ProcessInfo.processInfo.environment["ATHANOR_CORPUS"] != nil))
func imageCorpus() throws {
  let corpus = try #require(ProcessInfo.processInfo.environment["ATHANOR_CORPUS"])
  let folder = URL(fileURLWithPath: "\(corpus)/image")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  for (i, bytes) in try generatedFiles().enumerated() {
    try Data(bytes).write(to: folder.appendingPathComponent("made-\(i)"))
  }
}
