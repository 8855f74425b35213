import AthanorCore
import Foundation

/// Trains the runs of a plan that are not finished yet, several at a time, each in its own process.
///
/// A run that was stopped or has failed resumes from its last checkpoint. A run that fails, or
/// cannot even be started, gets `failure.json` in its folder and does not affect the others.
struct AblationSweep {
  let plan: AblationPlan
  let folder: AblationFolder
  /// The number of updates of each run by its id.
  let steps: [String: Int]
  /// The number of simultaneous runs, and the CPU threads of each.
  let jobs: Int
  let threads: Int
  /// The program whose verb `train` is called.
  let executable: String
  /// The columns of TensorBoard's table, which include those of all runs.
  let columns: TensorSummary

  /// The result of the runs.
  struct Outcome {
    var finished: [AblationRun] = []
    var failed: [(run: AblationRun, failure: RunFailure)] = []
    /// Whether it was asked to stop before every run had ended.
    var wasStopped = false
  }

  private struct Job {
    var run: AblationRun
    var process: TrainingProcess
    var began = ContinuousClock.now
  }

  /// Trains the runs. `states` are the states of the plan's runs. `shouldStop` is called ten times
  /// per second; when it returns true, the active runs write a checkpoint and this function
  /// returns.
  func callAsFunction(_ states: [RunState], shouldStop: () -> Bool) -> Outcome {
    var outcome = Outcome()
    outcome.finished = zip(plan.runs, states).filter { $1 == .finished }.map(\.0)
    var waiting = zip(plan.runs, states).filter { $1 != .finished }.map(\.0)
    var progress = Progress(waiting.map { ($0.id, steps[$0.id] ?? 0, folder.steps(of: $0)) })
    let bar = monitor.begin("ablate", total: progress.total, unit: "step")
    defer { bar.finish() }
    var running: [Job] = []
    let began = ContinuousClock.now
    while !running.isEmpty || (!waiting.isEmpty && !outcome.wasStopped) {
      outcome.wasStopped = outcome.wasStopped || shouldStop()
      if outcome.wasStopped { for job in running { job.process.stop() } }
      let isPatient = ContinuousClock.now - began < Self.patience
      while !outcome.wasStopped, running.count < jobs, let run = next(of: &waiting, isPatient) {
        do {
          running.append(Job(run: run, process: try start(run)))
        } catch {
          fail(run, RunFailure(error), &outcome)
          progress.close(run.id)
          report(run, outcome, on: bar)
        }
      }
      Thread.sleep(forTimeInterval: 0.1)
      for (i, job) in running.enumerated().reversed() {
        progress.set(job.run.id, to: folder.steps(of: job.run))
        guard let ending = job.process.ending else { continue }
        running.remove(at: i)
        outcome.wasStopped = outcome.wasStopped || shouldStop()
        settle(job, ending, &outcome)
        progress.close(job.run.id)
        report(job.run, outcome, began: job.began, on: bar)
      }
      let now = running.map(\.run.id).joined(separator: ", ")
      bar.update(progress.done, "\(count(outcome)) runs  \(now)")
    }
    return outcome
  }

  /// How long to wait for a run left over from a killed sweep; such a run stops by itself.
  private static let patience = Duration.seconds(60)

  /// Takes the next run whose folder is not locked; after the waiting time any run, whose error
  /// then names the process that has the lock.
  private func next(of waiting: inout [AblationRun], _ isPatient: Bool) -> AblationRun? {
    waiting.firstIndex { !isPatient || !FolderLock.isHeld(folder.run($0)) }
      .map { waiting.remove(at: $0) }
  }

  private func start(_ run: AblationRun) throws -> TrainingProcess {
    try makeFolder(folder.run(run))
    try folder.write(columns, for: run)
    unlink(folder.failure(run))
    var arguments = ["train", "--out", folder.run(run), "--stop-at-end-of-input"]
    if FileManager.default.fileExists(atPath: "\(folder.run(run))/config.yaml") {
      arguments.append("--resume")
    } else {
      try AtomicFile.write(run.config.yaml(), to: folder.config(run))
      arguments.append(folder.config(run))
      if run.config.threads == nil { arguments += ["--threads", "\(threads)"] }
    }
    return try TrainingProcess(executable, arguments, log: folder.log(run))
  }

  /// Records the result of a run that has ended.
  private func settle(
    _ job: Job, _ ending: ChildProcess.Ending, _ outcome: inout Outcome
  ) {
    let run = job.run
    do {
      if try folder.state(run) == .finished {
        // The run is complete, whatever ended the process afterwards.
        outcome.finished.append(run)
      } else if ending != .exited(Training.stoppedStatus) || !outcome.wasStopped {
        fail(run, RunFailure(ending, said: job.process.said), &outcome)
      }
    } catch {
      fail(run, RunFailure(error), &outcome)
    }
  }

  private func fail(_ run: AblationRun, _ failure: RunFailure, _ outcome: inout Outcome) {
    var failure = failure
    do {
      try AtomicFile.write(failure.json.compact + "\n", to: folder.failure(run))
    } catch {
      failure.reason += " (\(error))"
    }
    outcome.failed.append((run, failure))
  }

  private func count(_ outcome: Outcome) -> String {
    "\(outcome.finished.count + outcome.failed.count)/\(plan.runs.count)"
  }

  /// Prints a line for a run that failed, and off a terminal for every run.
  private func report(
    _ run: AblationRun, _ outcome: Outcome, began: ContinuousClock.Instant = .now,
    on bar: any ProgressMeter
  ) {
    let head = "[\(count(outcome))] \(run.id)"
    if let failed = outcome.failed.last, failed.run.id == run.id {
      bar.note("\(head) failed: \(failed.failure.reason)")
    } else if outcome.finished.last?.id == run.id {
      bar.milestone("\(head) finished in \(clock((ContinuousClock.now - began).seconds))")
    }
  }

  /// The number of updates done in this sweep, out of those to do.
  private struct Progress {
    private var runs: [String: (all: Int, before: Int, now: Int)] = [:]

    init(_ runs: [(id: String, all: Int, before: Int)]) {
      for run in runs { self.runs[run.id] = (run.all, run.before, run.before) }
    }

    var total: Int { runs.values.reduce(0) { $0 + max(0, $1.all - $1.before) } }
    var done: Int { runs.values.reduce(0) { $0 + max(0, $1.now - $1.before) } }

    /// A run that resumes from a checkpoint may be behind the last step in its log.
    mutating func set(_ id: String, to step: Int) { runs[id]?.now = step }
    /// The updates that an ended run will not do any more count as done.
    mutating func close(_ id: String) {
      if let run = runs[id] { runs[id]?.now = run.all }
    }
  }
}
