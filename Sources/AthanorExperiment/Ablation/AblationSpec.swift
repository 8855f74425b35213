import AthanorCore

/// What an ablation compares, and how fairly: the file that `athanor ablate` reads.
///
/// ```yaml
/// name: weighting
/// config: base.yaml        # beside the spec; without: what `athanor train` does without one
/// set:                     # what every run has, keys by path as for --set
///   training.epochs: 6
/// seeds: 3                 # 0, 1, 2; or a list
/// grid:                    # every combination is a method
///   weighting: [fixed, {name: uncertainty, form: liebel}]
///   tasks.segmentation.loss: [cross_entropy, dice]
/// tune:                    # each method runs with every combination; the best on val is reported
///   optimizer.learning_rate: [0.001, 0.003]
/// front: [0.25, 1, 4]      # fixed weights, the first task : each of the others
/// single_tasks: true       # a run of each task alone, what Δm is taken to
/// baseline: fixed          # what paired differences are taken to: a method's label or its beginning
/// last_epochs: 3           # the last epochs whose mean is shown beside the best one
/// ```
///
/// `front` and `single_tasks` go with every combination of the grid's other keys (those that are not of
/// `weighting`), with the same seeds and `tune`, without what it says of `weighting`. A weight of the
/// front is scaled so that all sum to the number of tasks; each of several losses of a task
/// has the task's weight. Configurations that come out equal are one run.
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
  /// The most runs that are planned: years of training.
  static let mostRuns = 10_000

  /// A key of the configuration and the values it takes in turn.
  struct Axis {
    var key: String
    /// One a value.
    var choices: [Choice]

    /// Whether the key is `weighting` or an option of it.
    var isOfWeighting: Bool { key == "weighting" || key.hasPrefix("weighting.") }
  }

  /// The keys of `set` with their values.
  func common() throws -> [Choice] {
    try entries(of: set, at: "set").map { Choice($0.key, $0.value, at: "set.\($0.key)") }
  }

  /// The keys that `grid` and `tune` vary; none stands in both.
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

  /// The seeds of every method, at least one.
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

  /// Checks the keys that stand alone.
  func check() throws {
    try requireAtLeast(1, lastEpochs, "last_epochs")
    for (i, ratio) in front.enumerated() where !(ratio > 0 && ratio.isFinite) {
      throw SettingsError(
        key: "front[\(i)]", expected: "a positive number", received: "\(ratio)")
    }
  }
}
