import AthanorExperiment
import AthanorCore
import Foundation

/// Runs that differ in seed alone, or in what is tuned: a row of the table.
struct Method: Sendable {
  /// The runs of one setting of the tuned keys.
  struct Candidate: Sendable {
    var tuned: [(key: String, value: String)]
    var runs: [ReportRun]

    var finished: [ReportRun] { runs.filter(\.isFinished) }
    /// The score on val over the seeds.
    var score: Spread? { Spread(finished.compactMap { $0.values[.score] }) }

    /// In words: `optimizer.learning_rate 0.003`.
    var words: String { tuned.map { "\($0.key) \($0.value)" }.joined(separator: ", ") }
  }

  var label: String
  /// The label by what differs in the configurations, whatever people called the runs.
  var settings = ""
  var role: ReportRun.Role
  var candidates: [Candidate]
  let keys: ConfigKeys
  /// Those of all its runs; nil as long as none has a record.
  var conditions: RunConditions?

  /// By name, in their order.
  var tasks: [String] { keys.tasks.map(\.name) }

  /// The candidate with the best mean score on val; one that lost runs is behind those that did
  /// not, whatever its survivors reached. Nil where no run finished.
  var chosen: Candidate? { chosenIndex.map { candidates[$0] } }

  var chosenIndex: Int? {
    func rank(_ index: Int) -> (Int, Double, Int) {
      let (runs, score) = (candidates[index].runs.count, candidates[index].score)
      return ((score?.count ?? 0) - runs, score?.mean ?? -.infinity, -index)
    }
    return candidates.indices.filter { !candidates[$0].finished.isEmpty }
      .max { rank($0) < rank($1) }
  }

  /// The runs that stand for the method.
  var runs: [ReportRun] { chosen?.finished ?? [] }

  /// A measure's values by seed.
  func values(_ measure: Measure) -> [Int: Double] {
    var values: [Int: Double] = [:]
    for run in runs {
      if let seed = run.seed, let value = run.values[measure] { values[seed] = value }
    }
    return values
  }

  func spread(_ measure: Measure) -> Spread? { Spread(runs.compactMap { $0.values[measure] }) }

  /// Whether every task weighs the same, for good.
  var isEqualWeighting: Bool {
    guard let constants = keys.constants, constants.count > 1 else { return false }
    return Set(constants.map(\.weight)).count == 1
  }

  /// ln of the first task's weight over the others', where weights never change: the place on the
  /// front. Nil where the losses on either side do not weigh the same.
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
