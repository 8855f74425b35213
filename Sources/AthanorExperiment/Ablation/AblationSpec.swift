import AthanorCore

/// The file that `athanor ablate` reads: what an ablation compares, and how.
///
/// ```yaml
/// name: weighting
/// config: base.yaml        # relative to the spec; default: the built-in configuration
/// set:                     # values of every run, keys by path as for --set
///   training.epochs: 6
/// seeds: 3                 # 0, 1, 2; or a list
/// grid:                    # every combination is a method
///   weighting: [fixed, {name: uncertainty, form: liebel}]
///   tasks.segmentation.loss: [cross_entropy, dice]
/// tune:                    # each method runs with every combination; the best on val is reported
///   optimizer.learning_rate: [0.001, 0.003]
/// front: [0.25, 1, 4]      # fixed weights, the first task : each of the others
/// single_tasks: true       # a run of each task alone, the reference of Δm
/// baseline: fixed          # the reference of paired differences: a method's label or its start
/// last_epochs: 3           # the number of last epochs whose mean is shown beside the best one
/// ```
///
/// `front` and `single_tasks` are combined with every combination of the grid's other keys (those
/// that do not belong to `weighting`), with the same seeds and `tune`, ignoring the values for
/// `weighting`. The weights of a point of the front are scaled so that they sum to the number of
/// tasks; where a task has several losses, each has the task's weight. Configurations that turn out
/// equal are one run.
public struct AblationSpec: Codable, Equatable, Sendable, DefaultInitializable {
  public var name = "ablation"
  public var config: String? = nil
  public var set = Settings.dictionary([])
  public var seeds = Settings.integer(3)
  public var grid = Settings.dictionary([])
  public var tune = Settings.dictionary([])
  public var front: [Double] = []
  public var singleTasks = true
  public var baseline: String? = nil
  public var lastEpochs = 3

  public init() {}

  private enum CodingKeys: String, CodingKey {
    case name, config, set, seeds, grid, tune, front
    case singleTasks = "single_tasks"
    case baseline
    case lastEpochs = "last_epochs"
  }
}

extension AblationSpec {
  /// The largest number of runs that is planned; more would train for years.
  static let mostRuns = 10_000

  /// A key of the configuration and the values that it takes in turn.
  struct Axis {
    var key: String
    /// One choice per value.
    var choices: [Choice]

    /// Whether the key is `weighting` or one of its options.
    var isOfWeighting: Bool { key == "weighting" || key.hasPrefix("weighting.") }
  }

  /// The keys of `set` with their values.
  func common() throws -> [Choice] {
    try entries(of: set, at: "set").map { Choice($0.key, $0.value, at: "set.\($0.key)") }
  }

  /// The keys that `grid` and `tune` vary; no key may be in both.
  func axes() throws -> (grid: [Axis], tune: [Axis]) {
    let (grid, tune) = (try axes(grid, at: "grid"), try axes(tune, at: "tune"))
    for axis in tune where grid.contains(where: { $0.key == axis.key }) {
      throw SettingsError(
        key: "tune.\(axis.key)", expected: "a key that grid does not vary",
        received: "'\(axis.key)'")
    }
    return (grid, tune)
  }

  private func axes(_ tree: Settings, at place: String) throws -> [Axis] {
    try entries(of: tree, at: place).map { entry in
      guard case .list(let values) = entry.value, !values.isEmpty else {
        throw SettingsError(
          key: "\(place).\(entry.key)", expected: "a list of values",
          received: JSON(entry.value).compact)
      }
      return Axis(
        key: entry.key,
        choices: values.enumerated().map {
          Choice(entry.key, $1, at: "\(place).\(entry.key)[\($0)]")
        })
    }
  }

  private func entries(of tree: Settings, at place: String) throws -> [Settings.Entry] {
    guard case .dictionary(let entries) = tree else {
      throw SettingsError(
        key: place, expected: "keys of the configuration with their values",
        received: JSON(tree).compact)
    }
    for entry in entries where entry.key == "seed" {
      throw SettingsError(
        key: "\(place).seed", expected: "the key 'seeds' in its place", received: "'seed'")
    }
    return entries
  }

  /// The seeds of every method; there is at least one.
  func seedList() throws -> [Int] {
    let list: [Int]
    switch seeds {
    case .integer(let count) where (1...Self.mostRuns).contains(count): list = Array(0..<count)
    case .list(let items):
      list = try items.enumerated().map { try $1.decoded(as: Int.self, at: "seeds[\($0)]") }
    default: list = []
    }
    guard !list.isEmpty, Set(list).count == list.count else {
      throw SettingsError(
        key: "seeds",
        expected: "how many, at most \(Self.mostRuns), or a list of different integers",
        received: JSON(seeds).compact)
    }
    return list
  }

  /// Checks the keys that do not depend on others.
  func check() throws {
    try requireAtLeast(1, lastEpochs, "last_epochs")
    for (i, ratio) in front.enumerated() where !(ratio > 0 && ratio.isFinite) {
      throw SettingsError(
        key: "front[\(i)]", expected: "a positive number", received: "\(ratio)")
    }
  }
}
