import AthanorCore
import AthanorExperiment

extension Ablating.Preview {
  /// The source of the estimate, in words.
  private var origin: String {
    guard finishedRuns > 0 else { return "from a few measured steps" }
    return "from \(finishedRuns) finished run\(finishedRuns == 1 ? "" : "s")"
  }

  public var text: String {
    var table = TextTable(["run", "role", "what differs", "steps", "state", "time"])
    table.rows = rows.map {
      [
        $0.run.id, $0.run.role.rawValue, $0.run.words, grouped($0.steps), $0.state.name,
        clock($0.seconds),
      ]
    }
    let finished = rows.filter { $0.state == .finished }.count
    return table.text
      + "\(rows.count) runs, \(finished) finished; about \(clock(seconds)) to go "
      + "(\(origin)), \(jobs) at a time with \(threads) "
      + "\(threads == 1 ? "thread" : "threads") each\n"
  }
}
