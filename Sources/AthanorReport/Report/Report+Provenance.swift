import AthanorExperiment
extension Report {
  /// The data and machines of the runs and the command that repeats them, as named lines.
  var provenance: [(name: String, value: String)] {
    let threads = agreed { $0.threads.map { " --threads \($0)" } }
    var lines: [(name: String, value: String)] =
      plan.map { plan in
        [
          ("command", plan.command),
          (
            "repeat it",
            "athanor ablate \(shellWords([absolutePath("\(folder)/spec.yaml")])) --out NEW "
              + "--jobs \(plan.jobs) --threads \(plan.jobs * plan.threads)"
          ),
        ]
      } ?? []
    // One run represents the others: their folders are in the same place, or differ only in their
    // names.
    if let run = runs.first(where: \.isFinished) ?? runs.first {
      let config = shellWords([absolutePath(run.file("config.yaml"))])
      lines.append(("repeat a run", "athanor train \(config)\(threads ?? "")"))
    }
    lines.append(("version", tally { $0.version ?? "unknown" }))
    lines.append(
      (
        "machine",
        tally { machine in
          (machine.cpu ?? "unknown")
            + (machine.cpus.map { ", \($0) CPU\($0 == 1 ? "" : "s")" } ?? "")
        }
      ))
    lines.append(("threads of a run", tally { $0.threads.map { "\($0)" } ?? "unknown" }))
    lines.append(("libraries", tally { $0.libraries ?? "unknown" }))
    for run in runs where run.segments.count > 1 {
      lines.append(("resumed", "\(run.id): " + run.segments.map(\.words).joined(separator: "; ")))
    }
    if let plan { lines.append(("runs at a time", "\(plan.jobs), by the last command")) }
    let days = Set(runs.compactMap { $0.ended?.prefix(10) }).sorted()
    if let first = days.first, let last = days.last {
      lines.append(("trained", first == last ? "\(first)" : "\(first) to \(last)"))
    }
    return lines
  }

  /// The value on which all runs' records of their machines agree; nil where they differ.
  private func agreed(_ words: (Machine) -> String?) -> String? {
    let all = Set(runs.flatMap(\.machines).map(words))
    return all.count == 1 ? all.first! : nil
  }

  /// The machines that trained the runs: one entry where all agree, otherwise each with the number
  /// of its runs. Runs without any record do not count.
  private func tally(_ words: (Machine) -> String) -> String {
    var counts: [(words: String, count: Int)] = []
    for run in runs where !run.machines.isEmpty {
      var parts: [String] = []
      for part in run.machines.map(words) where !parts.contains(part) { parts.append(part) }
      let joined = parts.joined(separator: ", then ")
      if let place = counts.firstIndex(where: { $0.words == joined }) {
        counts[place].count += 1
      } else {
        counts.append((joined, 1))
      }
    }
    guard counts.count > 1 else { return counts.first?.words ?? "unknown" }
    return counts.map { "\($0.words) (\($0.count) run\($0.count == 1 ? "" : "s"))" }
      .joined(separator: "; ")
  }
}

extension RunRecord.Segment {
  /// `from epoch 3 as one of 4, 1 thread, learning rate restarted`.
  fileprivate var words: String {
    let threads = machine.threads.map { ", \($0) thread\($0 == 1 ? "" : "s")" } ?? ""
    return "from epoch \(epoch + 1) as one of \(epochs)\(threads)"
      + (restartsSchedule ? ", with its learning rate spread anew" : "")
  }
}
