import AthanorCore
import AthanorExperiment
import AthanorVision
import Foundation
import TestSupport
import Testing

@Test func runFoldersAreNumberedAndNeverOverwritten() throws {
  let folder = try TemporaryFolder()
  let run = try RunFolder(creating: folder.file("a/b"), name: "x")
  try AtomicFile.write("seed: 1\n", to: run.config)
  #expect(throws: ContentError.self) { try RunFolder(creating: folder.file("a/b"), name: "x") }
  #expect(try RunFolder(existing: folder.file("a/b")).path == run.path)
  #expect(throws: ContentError.self) { try RunFolder(existing: folder.path) }
  #expect(throws: FileError.self) { try RunFolder(existing: folder.file("none")) }
  #expect(throws: FileError.self) { try RunFolder(creating: run.config + "/x", name: "x") }
  try AtomicFile.write("", to: run.lastCheckpoint)
  #expect(try RunFolder.locate(run.path).checkpoint == run.lastCheckpoint)
  #expect(try RunFolder.locate(run.lastCheckpoint).run.path == run.path)
  try AtomicFile.write("", to: run.file("checkpoints/last.safetensors.9.tmp"))
  run.removeLeftovers()
  #expect(!FileManager.default.fileExists(atPath: run.file("checkpoints/last.safetensors.9.tmp")))
}

@Test func stepLogIsCutWhereARunResumes() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("steps.jsonl")
  do {
    let log = try StepLog(path)
    for step in 0..<5 { try log.append(["step": .integer(step), "total": 0.5]) }
  }
  let text = try TextFile.read(path)
  try Data((text + "{\"step\":5,\"tot").utf8).write(to: URL(fileURLWithPath: path))
  #expect(try StepLog.read(path).count == 5)
  do {
    let log = try StepLog(path, next: 3)
    try log.append(["step": 3])
  }
  #expect(try StepLog.read(path).compactMap { $0["step"]?.integer } == [0, 1, 2, 3])
  _ = try StepLog(path, next: 0)
  #expect(try AtomicFile.read(path).isEmpty)
}

@Test func tablesAreStrictCSV() throws {
  let folder = try TemporaryFolder()
  var table = Table(columns: ["epoch", "loss"])
  table.append([("epoch", 0), ("loss", 1.5)])
  table.append([("epoch", 1), ("loss", .number(.nan)), ("note", "a \"b\", c\nd")])
  table.append([("epoch", 2)])
  try AtomicFile.write(table.csv, to: folder.file("t.csv"))
  #expect(table.csv.hasPrefix("epoch,loss,note\n0,1.5,\n1,nan,\"a \"\"b\"\", c\nd\"\n2,,\n"))
  #expect(try Table(contentsOf: folder.file("t.csv")) == table)
  #expect(table.numbers("loss").map { $0.map { $0.isNaN ? -1 : $0 } } == [1.5, -1, nil])
  #expect(table.rows(where: "epoch", isBelow: 1).rows.count == 1)
  try AtomicFile.write("a,b\n1\n", to: folder.file("t.csv"))
  #expect(throws: ContentError.self) { try Table(contentsOf: folder.file("t.csv")) }
}
