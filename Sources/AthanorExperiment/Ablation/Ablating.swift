import AthanorCore
import AthanorKernels
import Foundation

/// The implementation of `athanor ablate`: runs everything in a spec, then writes a report.
public struct Ablating {
  public let plan: AblationPlan
  private let folder: AblationFolder?
  private let jobs: Int
  /// The number of CPU threads of each run.
  private let threads: Int
  private let steps: [String: Int]

  /// Reads the spec and checks every run that it plans.
  ///
  /// Throws the first error in any of them before anything is written.
  public init(spec path: String?, out: String?, jobs: Int, threads: Int) throws {
    let plan = try AblationPlan(contentsOf: path)
    self.plan = plan
    self.jobs = jobs
    self.threads = max(1, threads / jobs)
    folder = out.map { AblationFolder(path: $0) }
    steps = try plan.steps()
  }

  /// The state of each run in the folder `out`.
  private func states() throws -> [RunState] {
    try plan.runs.map { try folder?.state($0) ?? .new }
  }

  /// The result of the ablation.
  public struct Outcome {
    public var finished: Int
    public var failed: Int
    public var total: Int
    /// Whether it was stopped before every run was finished and reported.
    public var wasStopped: Bool
    /// The command that repeats or resumes the ablation.
    public var command: String
    /// The path of the page that was written; nil where the ablation was stopped before any run
    /// finished.
    public var report: String?
    public var json: JSON

    public var isComplete: Bool { finished == total && !wasStopped }

    public var text: String {
      if wasStopped {
        return "stopped with \(finished) of \(total) runs finished; go on with: \(command)"
          + (report.map { "\nwhat there is so far: \($0)" } ?? "")
      }
      let failures = failed > 0 ? ", \(failed) failed" : ""
      return "\(finished) of \(total) runs finished\(failures)"
        + (report.map { "; look at \($0)" } ?? "")
    }
  }

  /// Trains the runs that are not finished, then writes the report.
  ///
  /// - Parameters:
  ///   - executable: The program whose verb `train` trains a run: this one.
  ///   - command: The command that repeats the ablation.
  ///   - shouldStop: When it returns true, the active runs write a checkpoint and stop.
  ///   - report: Writes the report into a folder; where its argument is true, it first measures the
  ///     chosen runs on test.
  ///
  /// Throws `SettingsError` where a run's folder belongs to a run with another configuration,
  /// `ContentError` where another process writes to the ablation, and the errors of the report.
  public func run(
    executable: String, command: String, shouldStop: @escaping () -> Bool,
    report: (_ folder: String, _ measures: Bool) throws -> Void
  ) throws -> Outcome {
    guard let folder else {
      throw SettingsError(key: "out", expected: "a folder", received: "nothing")
    }
    try makeFolder(folder.path)
    let lock = try FolderLock(folder.path)
    defer { lock.release() }
    let states = try states()
    for case .other(let error) in states { throw error }
    try folder.write(plan, command: command, jobs: jobs, threads: threads)
    let columns = Hyperparameters.experiment(
      of: plan.runs.map { Hyperparameters(signature: $0.signature) },
      try plan.runs.flatMap { try $0.config.namedTasks() })
    for (run, state) in zip(plan.runs, states) where state == .finished {
      // A finished run counts even if its folder cannot be written.
      try? folder.write(columns, for: run)
    }
    let sweep = AblationSweep(
      plan: plan, folder: folder, steps: steps, jobs: jobs, threads: threads,
      executable: executable, columns: columns)
    var outcome = sweep(states, shouldStop: shouldStop)
    Threads.count = threads * jobs
    if !outcome.wasStopped {
      do {
        try report(folder.path, true)
      } catch is CancellationError {
        outcome.wasStopped = true
      }
    }
    let isReported = !outcome.wasStopped || !outcome.finished.isEmpty
    if outcome.wasStopped, isReported { try report(folder.path, false) }
    return Outcome(
      finished: outcome.finished.count, failed: outcome.failed.count, total: plan.runs.count,
      wasStopped: outcome.wasStopped, command: command,
      report: isReported ? "\(folder.path)/report.html" : nil,
      json: [
        "out": .string(folder.path), "runs": .integer(plan.runs.count),
        "finished": .integer(outcome.finished.count),
        "failed": .array(
          outcome.failed.map {
            ["id": .string($0.run.id), "reason": .string($0.failure.reason)]
          }), "stopped": .bool(outcome.wasStopped),
        "report": isReported ? .string("\(folder.path)/report.html") : .null,
      ])
  }

  // MARK: - Without running

  /// Lists the runs and estimates the total time, from a few measured steps of each method and from
  /// the runs that are finished.
  public func preview() throws -> Preview {
    let bar = monitor.begin("measure", total: plan.runs.count, unit: "run")
    defer { bar.finish() }
    let states = try states()
    let open = zip(plan.runs, states).filter { $1 != .finished }.map(\.0)
    let finished = zip(plan.runs, states).compactMap { run, state in
      state == .finished
        ? folder?.secondsPerUpdate(run, threads: threads).map { (run: run, update: $0) } : nil
    }
    let timing = try AblationTiming(open, finished: finished, jobs: jobs, threads: threads) {
      bar.update($0)
    }
    let rows = zip(plan.runs, states).map { run, state in
      let all = steps[run.id] ?? 0
      let done =
        switch state {
        case .finished: all
        case .stopped, .failed: folder?.steps(of: run) ?? 0
        case .new, .other: 0
        }
      return Preview.Row(
        run: run, state: state, steps: all,
        seconds: timing.seconds(run, steps: all - done, of: all),
        testSeconds: timing.testSeconds(run),
        source: state == .finished ? nil : timing.source(run))
    }
    return Preview(
      rows: rows, jobs: jobs, threads: threads, finishedRuns: timing.finishedRuns)
  }

  /// A plan before it is executed.
  public struct Preview {
    package struct Row {
      package var run: AblationRun
      package var state: RunState
      package var steps: Int
      /// The estimate for the rest of the run.
      package var seconds: Double
      /// The estimate for measuring the run on test, if it is chosen.
      package var testSeconds: Double
      /// The source of the estimate `seconds`; nil for a finished run.
      package var source: AblationTiming.Source?
    }

    package var rows: [Row]
    package var jobs: Int
    package var threads: Int
    /// The number of finished runs that the estimate is based on.
    package var finishedRuns: Int

    /// The estimated time until the report: the runs in order, each started by the first free job,
    /// then test for the runs that tuning chooses, one per method and seed.
    package var seconds: Double {
      var ends = [Double](repeating: 0, count: jobs)
      for row in rows {
        let first = ends.indices.min { ends[$0] < ends[$1] }!
        ends[first] += row.seconds
      }
      var chosen: Set<[String]> = []
      let tested = rows.filter {
        chosen.insert([$0.run.role.rawValue, $0.run.label, "\($0.run.seed)"]).inserted
      }
      return ends.max()! + tested.reduce(0) { $0 + $1.testSeconds }
    }

    public var json: JSON {
      [
        "runs": .array(
          rows.map {
            [
              "id": .string($0.run.id), "role": .string($0.run.role.rawValue),
              "label": .string($0.run.label), "words": .string($0.run.words),
              "seed": .integer($0.run.seed), "steps": .integer($0.steps),
              "state": .string($0.state.name), "seconds": .number($0.seconds),
              "secondsFrom": $0.source.map { .string($0.rawValue) } ?? .null,
            ]
          }), "jobs": .integer(jobs), "threads": .integer(threads), "seconds": .number(seconds),
        "finishedRuns": .integer(finishedRuns),
      ]
    }
  }
}
