import AthanorCore
import AthanorTraining
import Foundation

/// Makes the runs of a spec: grid × tune × seeds, and likewise for the front and the single
/// tasks.
struct AblationPlanner {
  private let spec: AblationSpec
  private let base: String?
  private let common: [Choice]
  private let grid: [AblationSpec.Axis]
  private let tune: [AblationSpec.Axis]
  private let seeds: [Int]
  /// The name of each choice of grid and tune, by its key path in the spec.
  private let names: [String: Name]
  private let start: Settings

  private struct Name {
    /// The name in the run's id, and in a table.
    var slug, words: String
  }

  /// A method before its tuned values and seeds are added.
  private struct Variant {
    var role: AblationRun.Role
    var choices: [Choice]
    var names: [Name]
  }

  init(_ spec: AblationSpec, base: String?) throws {
    self.spec = spec
    self.base = base
    common = try spec.common()
    (grid, tune) = try spec.axes()
    seeds = try spec.seedList()
    try Self.checkSize(
      grid.map { ("grid.\($0.key)", $0.choices.count) }
        + tune.map { ("tune.\($0.key)", $0.choices.count) }
        + [("front", 1 + spec.front.count), ("seeds", seeds.count)])
    names = Self.names(of: grid + tune)
    var config = try ExperimentConfig(contentsOf: base)
    config.name = spec.name
    start = try common.reduce(Settings(encoding: config)) { try $1.applied(to: $0) }
  }

  var tuned: [String] { tune.map(\.key) }

  /// All runs without duplicates: of equal runs the first is kept.
  func runs() throws -> [AblationRun] {
    var runs: [AblationRun] = []
    var planned: Set<[String: String]> = []
    var ids: Set<String> = []
    for variant in try variants() {
      for tuning in combinations(variant.role == .method ? tune : tune.filter { !$0.isOfWeighting })
      {
        let tuned = named(tuning)
        for seed in seeds {
          let config = try configuration(variant.choices + tuning, seed: seed)
          let signature = try config.signature()
          guard planned.insert(signature).inserted else { continue }
          runs.append(
            AblationRun(
              id: Self.unique(
                (variant.names + tuned).map(\.slug) + ["seed\(seed)"], among: &ids),
              role: variant.role,
              words: (variant.names + tuned).map(\.words).joined(separator: ", "),
              seed: seed, config: config, choices: common + variant.choices + tuning,
              signature: signature))
        }
      }
    }
    return try labelled(runs)
  }

  /// The runs with the labels that they have in their report.
  private func labelled(_ runs: [AblationRun]) throws -> [AblationRun] {
    let keys = try runs.map { run in
      try run.choices.blamed(else: base) { try ConfigKeys(run.config) }
    }
    let labels = MethodLabels.labels(of: keys, tuned: tuned)
    return zip(runs, labels).map { run, label in
      var run = run
      run.label = label
      return run
    }
  }

  /// The configuration with these values, every option written out.
  private func configuration(_ choices: [Choice], seed: Int = 0) throws -> ExperimentConfig {
    var config = try choices.reduce(start) { try $1.applied(to: $0) }
      .decoded(as: ExperimentConfig.self)
    config.seed = seed
    return try (common + choices).blamed(else: base) {
      try config.check()
      return try config.resolved()
    }
  }

  // MARK: - Methods

  private func variants() throws -> [Variant] {
    let methods = combinations(grid).map { choices in
      let names = named(choices)
      return Variant(
        role: .method, choices: choices,
        names: names.isEmpty ? [Name(slug: "run", words: spec.name)] : names)
    }
    let others = combinations(grid.filter { !$0.isOfWeighting })
    return try methods + others.flatMap(front) + others.flatMap(singles)
  }

  private func front(_ others: [Choice]) throws -> [Variant] {
    let names = named(others)
    return try spec.front.enumerated().map { i, ratio in
      let place = "front[\(i)]"
      let weighting = Choice("weighting", try weighting(ratio, others, at: place), at: place)
      return Variant(
        role: .front, choices: others + [weighting],
        names: [Name(slug: "front-\(number(ratio))", words: "fixed \(number(ratio)) : 1")] + names)
    }
  }

  /// Fixed weights in the ratio `ratio` : 1 between the first task and each of the others, scaled
  /// so that they sum to the number of losses; equal weights give `fixed` without options.
  private func weighting(_ ratio: Double, _ others: [Choice], at place: String) throws -> Settings {
    let config = try configuration(others)
    let tasks = try (common + others).blamed(else: base) { try config.namedTasks() }
    guard tasks.count > 1, let first = tasks.first else {
      throw SettingsError(
        key: place, expected: "two tasks or more to weight",
        received: "tasks: [\(config.tasks.names.joined(separator: ", "))]")
    }
    guard ratio != 1 else { return .string("fixed") }
    let losses = tasks.flatMap(\.lossNames)
    let shares = losses.map { first.lossNames.contains($0) ? ratio : 1 }
    let scale = Double(losses.count) / shares.reduce(0, +)
    return .map([
      .init("name", .string("fixed")),
      .init("weights", .map(zip(losses, shares).map { .init($0, .number($1 * scale)) })),
    ])
  }

  /// Each task alone, where there are several; weights have no effect there.
  private func singles(_ others: [Choice]) throws -> [Variant] {
    let config = try configuration(others)
    guard spec.singleTasks, config.tasks.count > 1 else { return [] }
    let names = named(others)
    return config.tasks.names.map { task in
      Variant(
        role: .single,
        choices: others + [
          Choice("training.best_by", .map([]), at: "single_tasks"),
          Choice("tasks", config.tasks.keeping([task]).settings, at: "single_tasks"),
          Choice("weighting", .string("fixed"), at: "single_tasks"),
        ],
        names: [Name(slug: "single-\(task)", words: "\(task) alone")] + names)
    }
  }

  private func combinations(_ axes: [AblationSpec.Axis]) -> [[Choice]] {
    axes.reduce([[]]) { rows, axis in
      rows.flatMap { row in axis.choices.map { row + [$0] } }
    }
  }

  /// Throws `SettingsError` where the product of these counts exceeds the limit on planned runs.
  private static func checkSize(_ factors: [(key: String, count: Int)]) throws {
    var runs = 1
    for (key, count) in factors {
      runs = runs.multipliedReportingOverflow(by: count).partialValue
      guard runs <= AblationSpec.mostRuns else {
        throw SettingsError(
          key: key, expected: "at most \(AblationSpec.mostRuns) runs",
          received: factors.map { "\($0.count)" }.joined(separator: " × ") + " of them")
      }
    }
  }

  // MARK: - Names

  private func named(_ choices: [Choice]) -> [Name] { choices.compactMap { names[$0.place] } }

  /// A value is named by itself where it is a name that no other key has as a value; other values
  /// are preceded by the last component of their key, or by the whole key where two keys share that
  /// component.
  private static func names(of axes: [AblationSpec.Axis]) -> [String: Name] {
    var names: [String: Name] = [:]
    for axis in axes {
      let others = axes.filter { $0.key != axis.key }
      let last = axis.key.split(separator: ".").last.map(String.init) ?? axis.key
      let isShared = others.contains { $0.key.hasSuffix(".\(last)") || $0.key == last }
      let taken = Set(others.flatMap(\.choices).map(\.words))
      let speaksForItself = axis.choices.allSatisfy { $0.isName && !taken.contains($0.words) }
      for choice in axis.choices {
        let words =
          speaksForItself ? choice.words : "\(isShared ? axis.key : last) \(choice.words)"
        names[choice.place] = Name(slug: words.slug, words: words)
      }
    }
    return names
  }

  /// Joins the parts to a folder name that no other run has, even on case-insensitive file systems.
  private static func unique(_ parts: [String], among ids: inout Set<String>) -> String {
    let stem = String(parts.joined(separator: "_").prefix(150))
    var (id, number) = (stem, 2)
    while !ids.insert(id.lowercased()).inserted {
      id = "\(stem)-\(number)"
      number += 1
    }
    return id
  }
}

/// A number without a trailing `.0`: 0.125, 4.
private func number(_ value: Double) -> String {
  Int(exactly: value).map(String.init) ?? "\(value)"
}
