import AthanorCore
import Foundation

/// The folder of an ablation and the names of the files in it.
struct AblationFolder {
  let path: String

  /// `runs/ID`: an ordinary run folder, with `log.txt` and, after a failure, `failure.json`.
  func run(_ run: AblationRun) -> String { "\(path)/runs/\(run.id)" }
  /// The configuration that the run is started with.
  func config(_ run: AblationRun) -> String { "\(path)/configs/\(run.id).yaml" }
  func log(_ run: AblationRun) -> String { "\(self.run(run))/log.txt" }
  func failure(_ run: AblationRun) -> String { "\(self.run(run))/failure.json" }

  /// Creates the folder and writes `spec.yaml`, `spec-base.yaml` where the spec has a base, and
  /// `ablation.json`, replacing existing ones; a spec that was read from this folder stays
  /// unchanged. Throws `FileError`.
  func write(_ plan: AblationPlan, command: String, jobs: Int, threads: Int) throws {
    let (spec, base) = (plan.copy, try plan.baseText())
    let isOwn = FileManager.default.fileExists(atPath: "\(path)/ablation.json")
    let isSource = plan.wasRead(from: "\(path)/spec.yaml")
    var outputs = OutputFiles(inputs: isSource ? [] : [plan.base].compactMap(\.self))
    try outputs.claim(
      (isSource ? [] : ["spec.yaml"] + (base == nil ? [] : [AblationPlan.baseName]))
        + ["ablation.json"], in: path, owned: { _ in isOwn })
    for folder in ["configs", "runs"] { try makeFolder("\(path)/\(folder)") }
    if !plan.wasRead(from: "\(path)/spec.yaml") {
      if let base { try AtomicFile.write(base, to: "\(path)/\(AblationPlan.baseName)") }
      try AtomicFile.write(spec, to: "\(path)/spec.yaml")
    }
    let record: JSON = [
      "name": .string(plan.spec.name), "spec": .string(spec),
      "base": base.map { .string($0) } ?? .null, "command": .string(command),
      "jobs": .integer(jobs), "threads": .integer(threads),
      "baseline": plan.spec.baseline.map { .string($0) } ?? .null,
      "tune": .array(plan.tuned.map { .string($0) }),
      "lastEpochs": .integer(plan.spec.lastEpochs),
      "runs": .array(
        plan.runs.map {
          [
            "id": .string($0.id), "role": .string($0.role.rawValue), "label": .string($0.label),
          ]
        }),
    ]
    try AtomicFile.write(record.pretty + "\n", to: "\(path)/ablation.json")
  }

  /// Writes the columns of all runs beside one run for TensorBoard, so that its table has every
  /// column, whichever run it takes them from. Throws `FileError`.
  func write(_ columns: TensorSummary, for run: AblationRun) throws {
    let events = "\(self.run(run))/tensorboard"
    try makeFolder(events)
    try EventFile.write([columns], to: "\(events)/\(EventFile.ablationName)")
  }

  // MARK: - State of a run

  /// The state of a run according to its folder. Throws where its configuration cannot be read.
  func state(_ run: AblationRun) throws -> RunState {
    let failed = FileManager.default.fileExists(atPath: failure(run))
    guard FileManager.default.fileExists(atPath: "\(self.run(run))/config.yaml") else {
      return failed ? .failed(reason(run)) : .new
    }
    let folder = try RunFolder(existing: self.run(run))
    let found = try ExperimentConfig(contentsOf: folder.config).resolved().signature()
    for key in Set(found.keys).union(run.signature.keys).sorted()
    where found[key] != run.signature[key] {
      let (planned, received) = (run.signature[key] ?? "nothing", found[key] ?? "nothing")
      return .other(
        SettingsError(
          file: folder.config, key: key,
          expected: "\(planned), as the spec has it (or another --out)",
          received: received))
    }
    let summary = try? JSON(contentsOf: folder.summary)
    if summary?["status"]?.string == "finished" { return .finished }
    return failed ? .failed(reason(run)) : .stopped(step: steps(of: run))
  }

  /// The seconds per update of a finished run; nil where its summary has no such number, or where a
  /// part of it ran on another machine or with another number of threads.
  func secondsPerUpdate(_ run: AblationRun, threads: Int) -> Double? {
    guard let summary = try? JSON(contentsOf: "\(self.run(run))/summary.json"),
      let seconds = summary["trainingSeconds"]?.number, let steps = summary["steps"]?.number,
      seconds > 0, steps > 0
    else { return nil }
    let machine = Machine.current
    let isComparable = RunRecord.Segment.all(in: summary).allSatisfy {
      $0.machine.cpu == machine.cpu && $0.machine.cpus == machine.cpus
        && $0.machine.threads == run.config.threads ?? threads
    }
    return isComparable ? seconds / steps : nil
  }

  private func reason(_ run: AblationRun) -> String {
    (try? JSON(contentsOf: failure(run)))?["reason"]?.string ?? "unknown"
  }

  /// The number of updates that a run has done, from the last complete line of its step log.
  func steps(of run: AblationRun) -> Int {
    guard let file = FileHandle(forReadingAtPath: "\(self.run(run))/steps.jsonl"),
      let end = try? file.seekToEnd()
    else { return 0 }
    defer { try? file.close() }
    let reach: UInt64 = 8192
    try? file.seek(toOffset: end > reach ? end - reach : 0)
    let bytes = (try? file.readToEnd()).map { [UInt8]($0) } ?? []
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    for line in lines.reversed() {
      if let step = (try? JSON(parsing: Array(line)))?["step"]?.integer { return step + 1 }
    }
    return 0
  }
}

/// The state of a planned run.
public enum RunState: Equatable, Sendable {
  case new
  case finished
  /// Stopped or killed after this many updates.
  case stopped(step: Int)
  case failed(String)
  /// The folder belongs to a run with another configuration; the error has the first key that
  /// differs and both values.
  case other(SettingsError)

  public var name: String {
    switch self {
    case .new: "new"
    case .finished: "finished"
    case .stopped: "stopped"
    case .failed: "failed"
    case .other: "other config"
    }
  }
}
