import AthanorCore
import AthanorData
import AthanorTraining
import Foundation

/// The runs of an ablation, in the order in which they are started: all seeds of a method in
/// sequence.
public struct AblationPlan: Sendable {
  public let spec: AblationSpec
  /// The spec as it was written.
  public let text: String
  /// The keys whose values are chosen on val, separately for each method.
  public let tuned: [String]
  public let runs: [AblationRun]
  let document: YAMLDocument
  /// The configuration that every run starts from; nil for the built-in one.
  let base: String?

  /// Plans the spec in a file, or the built-in spec.
  ///
  /// Errors: `FileError`, `YAMLError`, and `SettingsError` with file, line and key, even for a
  /// value that only the last run uses.
  public init(contentsOf path: String?) throws {
    let text = try path.map { try TextFile.read($0) } ?? AblationSpec.builtIn
    try self.init(text, file: path ?? "the built-in spec")
  }

  /// Plans a spec given as text; `file` is its name in messages, and `config` is resolved relative
  /// to it.
  init(_ text: String, file: String) throws {
    let document = try YAMLDocument(parsing: text, file: file)
    guard document.settings != .map([]) else {
      throw SettingsError(
        file: file, key: "", expected: "a spec, such as athanor ablate --print-spec shows",
        received: "no key")
    }
    let spec = try document.locating { try document.settings.decoded(as: AblationSpec.self) }
    let base = spec.config.map { name in
      name.hasPrefix("/") || !file.contains("/")
        ? name : "\(file[..<file.lastIndex(of: "/")!])/\(name)"
    }
    self.text = text
    self.document = document
    self.spec = spec
    self.base = base
    (runs, tuned) = try document.locating {
      try spec.check()
      let planner = try AblationPlanner(spec, base: base)
      return (try planner.runs(), planner.tuned)
    }
    try document.locating { try checkBaseline() }
  }

  private func checkBaseline() throws {
    let labels = Set(runs.filter { $0.role != .single }.map(\.label)).sorted()
    guard let baseline = spec.baseline, MethodLabels.index(of: baseline, in: labels) == nil else {
      return
    }
    throw SettingsError(
      key: "baseline", expected: "a method (\(labels.joined(separator: "; ")))",
      received: "'\(baseline)'", suggestion: nearestName(to: baseline, among: labels))
  }

  /// Builds everything that each run needs, without reading a sample, and returns the number of
  /// steps by the run's id: an error in the last run is known before the first one starts.
  ///
  /// Throws the errors of making an experiment; a `SettingsError` has the spec's line.
  public func steps() throws -> [String: Int] {
    var known: [[String: String]: Int] = [:]
    var steps: [String: Int] = [:]
    for run in runs {
      // No error depends on the seed.
      var signature = run.signature
      signature["seed"] = nil
      if known[signature] == nil {
        known[signature] = try document.locating {
          try run.choices.blamed(else: base) { try run.steps(tunes: !tuned.isEmpty) }
        }
      }
      steps[run.id] = known[signature]
    }
    return steps
  }
}

extension AblationRun {
  /// The number of updates of the whole run. Data without val are an error only where values are
  /// chosen on it.
  fileprivate func steps(tunes: Bool) throws -> Int {
    let experiment = try Experiment(config)
    let updates = try experiment.makeTrainer().updates(of: experiment.makeLoader().batchesPerEpoch)
    guard updates > 0 else { throw TrainingError.noSamples }
    guard try experiment.dataset(.val) != nil else {
      guard tunes else { return config.training.epochs * updates }
      throw SettingsError(
        key: "data", expected: "samples to choose on (val), as 'tune' has to",
        received: "no sample of val")
    }
    return config.training.epochs * updates
  }
}
