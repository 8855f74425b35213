import AthanorCore
import AthanorExperiment
import Foundation

/// Runs that differ only in their seed or in tuned keys: one row of the table.
struct Method: Sendable {
  /// The runs with one setting of the tuned keys.
  struct Candidate: Sendable {
    var tuned: [(key: String, value: String)]
    var runs: [ReportRun]

    var finished: [ReportRun] { runs.filter(\.isFinished) }
    /// The score on val over the seeds.
    var score: Spread? { Spread(finished.compactMap { $0.values[.score] }) }

    /// The tuned values in words: `optimizer.learning_rate 0.003`.
    var words: String { tuned.map { "\($0.key) \($0.value)" }.joined(separator: ", ") }
  }

  var label: String
  /// A label made from the differences between configurations, regardless of the runs' names.
  var settings = ""
  var role: ReportRun.Role
  var candidates: [Candidate]
  let keys: ConfigKeys
  /// The conditions of all its runs; nil while no run has a record.
  var conditions: RunConditions?

  /// The names of the tasks, in order.
  var tasks: [String] { keys.tasks.map(\.name) }

  /// The candidate with the best mean score on val. A candidate with unfinished runs ranks behind
  /// all candidates without, whatever its other runs reached. Nil where no run finished.
  var chosen: Candidate? { chosenIndex.map { candidates[$0] } }

  var chosenIndex: Int? {
    func rank(_ index: Int) -> (Int, Double, Int) {
      let (runs, score) = (candidates[index].runs.count, candidates[index].score)
      return ((score?.count ?? 0) - runs, score?.mean ?? -.infinity, -index)
    }
    return candidates.indices.filter { !candidates[$0].finished.isEmpty }
      .max { rank($0) < rank($1) }
  }

  /// The runs that represent the method.
  var runs: [ReportRun] { chosen?.finished ?? [] }

  /// The values of a measure by seed.
  func values(_ measure: Measure) -> [Int: Double] {
    var values: [Int: Double] = [:]
    for run in runs {
      if let seed = run.seed, let value = run.values[measure] { values[seed] = value }
    }
    return values
  }

  func spread(_ measure: Measure) -> Spread? { Spread(runs.compactMap { $0.values[measure] }) }

  /// Whether every task has the same constant weight.
  var isEqualWeighting: Bool {
    guard let constants = keys.constants, constants.count > 1 else { return false }
    return Set(constants.map(\.weight)).count == 1
  }

  /// ln of the first task's weight over the weight of the others, where weights are constant: the
  /// position on the front. Nil where the losses on either side have different weights.
  var logRatio: Double? {
    guard let constants = keys.constants, let first = keys.tasks.first else { return nil }
    let own = Set(first.lossNames)
    let firsts = Set(constants.filter { own.contains($0.task) }.map(\.weight))
    let others = Set(constants.filter { !own.contains($0.task) }.map(\.weight))
    guard firsts.count == 1, others.count == 1, let weight = firsts.first, let other = others.first,
      weight > 0, other > 0
    else { return nil }
    return log(weight / other)
  }
}
