import AthanorCore
import AthanorData
import AthanorExperiment

/// What two runs must have in common for their numbers to be ranked or averaged: the data, the
/// classes, the input and the number of threads.
struct RunConditions: Hashable, Sendable {
  /// An aspect in which runs may differ, as named in notes.
  enum Aspect: String, CaseIterable, Sendable {
    case data, classes, input
    case threads = "thread counts"
  }

  /// Each aspect in words.
  private let words: [Aspect: String]
  /// The fingerprints of the splits; empty for a run whose record has none.
  let splits: [SplitFingerprint]
  /// For each label, its name and the names of its classes.
  let classes: [[String]]

  /// The conditions of a run with this `summary.json`.
  init(_ summary: JSON, _ config: ExperimentConfig) {
    let record = summary["data"]
    splits = (record?["splits"]?.array ?? []).compactMap { SplitFingerprint($0) }
    classes = (record?["classes"]?.object ?? []).sorted { $0.key < $1.key }.map { member in
      [member.key] + (member.value.array ?? []).compactMap(\.string)
    }
    let input = config.input
    let threads = RunRecord.Segment.all(in: summary).compactMap(\.machine.threads)
    var changes: [Int] = []
    for count in threads where changes.last != count { changes.append(count) }
    words = [
      .data: splits.isEmpty
        ? config.data.place : splits.map { "\($0.split) \($0.words)" }.joined(separator: ", "),
      .classes: classes.map { $0.joined(separator: ", ") }.joined(separator: "; "),
      .input:
        "\(input.width)×\(input.height) \(input.fit), mean \(input.mean), std \(input.std)",
      .threads: changes.map { "\($0)" }.joined(separator: ", then "),
    ]
  }

  /// The aspects in which some of these differ.
  static func differences(among all: [RunConditions]) -> [Aspect] {
    Aspect.allCases.filter { aspect in Set(all.map { $0.words[aspect]! }).count > 1 }
  }

  /// A label for each of `all` that distinguishes it from the others: `data 2, 1 thread`.
  static func labels(of all: [RunConditions]) -> [String] {
    let differing = differences(among: all)
    let values = differing.map { aspect in
      all.map { $0.words[aspect]! }.reduce(into: [String]()) {
        if !$0.contains($1) { $0.append($1) }
      }
    }
    return all.map { one in
      zip(differing, values).map { aspect, values in
        let words = one.words[aspect]!
        return switch aspect {
        case .threads: words == "1" ? "1 thread" : "\(words) threads"
        default: "\(aspect.rawValue) \(values.firstIndex(of: words)! + 1)"
        }
      }.joined(separator: ", ")
    }
  }
}
