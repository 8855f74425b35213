import AthanorData
import Foundation
import Testing

/// Writes every spelling of every layout as a seed for `make fuzz`, into `data` of the folder that
/// `ATHANOR_CORPUS` names: its files one after the other, each behind a line `=== PLACE`.
@Test(.enabled(if: ProcessInfo.processInfo.environment["ATHANOR_CORPUS"] != nil))
func dataCorpus() throws {
  let corpus = try #require(ProcessInfo.processInfo.environment["ATHANOR_CORPUS"])
  let place = URL(fileURLWithPath: "\(corpus)/data")
  try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
  for (i, spelling) in Spelling.all.enumerated() {
    let folder = TemporaryFolder()
    try spelling.write(folder)
    var archive = Data()
    for file in try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    where DataTree.isFile("\(folder.path)/\(file)") {
      archive += Data("=== \(file)\n".utf8)
      archive += try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(file)"))
      archive += Data("\n".utf8)
    }
    try archive.write(to: place.appendingPathComponent("made-\(i)"))
  }
}
