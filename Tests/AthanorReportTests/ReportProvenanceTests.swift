import AthanorCore
import AthanorExperiment
import AthanorKernels
import AthanorReport
import Foundation
import TestSupport
import Testing

private func machines(_ list: (version: String, cpu: String)...) -> [JSON.Member] {
  let objects = list.map { machine -> JSON in
    [
      "version": .string(machine.version), "cpu": .string(machine.cpu), "cpus": 4, "threads": 2,
    ]
  }
  return [.init("machines", .array(objects)), .init("ended", "2026-05-04T03:02:01Z")]
}

@Test func oneLineSaysWhereAllRunsAgree() throws {
  var folders = try RunFolders()
  for seed in 0...1 {
    try folders.add("r\(seed)", seed: seed, summary: machines(("1.2", "A <CPU>")))
  }
  try folders.writePlan(spec: "seeds: 2\n")
  _ = try folders.report()
  let markdown = try folders.text("report.md")
  for line in [
    "- command: athanor ablate x.yaml", "- version: 1.2", "- machine: A \\<CPU\\>, 4 CPUs",
    "- threads of a run: 2", "- trained: 2026-05-04",
    "- repeat it: athanor ablate \(folders.folder.file("spec.yaml")) --out NEW --jobs 1 "
      + "--threads 2",
    "- repeat a run: athanor train \(folders.path("r0"))/config.yaml --threads 2",
  ] {
    #expect(markdown.contains(line + "\n"), "\(markdown)")
  }
  #expect(try folders.text("report.html").contains("<dd>A &lt;CPU&gt;, 4 CPUs</dd>"))
}

@Test func otherwiseEachValueIsSaidWithItsRuns() throws {
  var folders = try RunFolders()
  try folders.add("a", seed: 0, summary: machines(("1", "A")))
  try folders.add("b", seed: 1, summary: machines(("1", "A")))
  try folders.add("c", seed: 2, summary: machines(("1", "A"), ("2", "A")))
  // The form that earlier versions wrote.
  try folders.add("d", seed: 3, summary: [.init("threads", 8)])
  var options = Report.Options()
  options.out = folders.folder.file("out")
  let paths = ["a", "b", "c", "d"].map(folders.path)
  _ = try Report.write(for: paths, options)
  let markdown = try folders.text("out/report.md")
  for line in [
    "- version: 1 (2 runs); 1, then 2 (1 run); unknown (1 run)",
    "- machine: A, 4 CPUs (3 runs); unknown (1 run)",
    "- threads of a run: 2 (3 runs); 8 (1 run)",
    "- repeat a run: athanor train \(folders.path("a"))/config.yaml",
  ] {
    #expect(markdown.contains(line + "\n"), "\(markdown)")
  }
  let results = try Table(contentsOf: folders.folder.file("out/results.csv"))
  #expect(results.numbers("version") == [1, 1, 2, nil])
  #expect(results.numbers("threads") == [2, 2, 2, 8])
}

@Test func aRunSaysWithWhatItWasTrained() throws {
  let folder = try TemporaryFolder()
  let run = folder.file("run")
  func train(epochs: Int, threads: Int, resume: Bool) throws -> [JSON] {
    let overrides = try [
      "training.epochs=\(epochs)", "data.train=8", "data.val=2", "network.width=16",
      "threads=\(threads)",
    ].map { try Override($0) }
    _ = try Training.run(
      config: nil, overrides: overrides, out: run, resume: resume, shouldStop: { false })
    return try JSON(contentsOf: "\(run)/summary.json")["segments"]?.array ?? []
  }
  let first = try train(epochs: 1, threads: 1, resume: false)
  #expect(first.count == 1 && first[0]["version"]?.string == athanorVersion)
  #expect(first[0]["cpu"]?.string == Processor.name)
  #expect(first[0]["libraries"]?.string?.contains("oneDNN") == true)
  #expect(first[0]["threads"]?.integer == 1 && first[0]["fromStep"]?.integer == 0)
  // Where nothing is left to do, nothing is recorded.
  #expect(try train(epochs: 1, threads: 2, resume: true) == first)
  let second = try train(epochs: 3, threads: 2, resume: true)
  #expect(second.map { $0["threads"]?.integer } == [1, 2])
  #expect(second.map { $0["epochs"]?.integer } == [1, 3])
  #expect(second.map { $0["fromEpoch"]?.integer } == [1, 2])
  #expect(second.map { $0["restartsSchedule"] } == [.bool(false), .bool(true)])
  Threads.count = Threads.availableCPUs
}

@Test(arguments: [
  (["athanor", "ablate", "a.yaml", "--out", "o/x-1"], "athanor ablate a.yaml --out o/x-1"),
  (["a b", "it's", "", "$HOME", "ü", "x=[1]"], "'a b' 'it'\\''s' '' '$HOME' 'ü' 'x=[1]'"),
])
func aCommandCanBePastedIntoAShell(words: [String], expected: String) {
  #expect(shellWords(words) == expected)
}
