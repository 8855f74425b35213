import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorLosses
import AthanorTraining
import AthanorVision
import TestSupport
import Testing

/// Every number in a configuration, found in the configuration itself: an absurd value is either
/// refused with an error that says what is wrong, or a step can be trained with it.
@Suite(.timeLimit(.minutes(10)))
struct AbsurdSettingsTests {
  /// Numbers as they are spelled in a file.
  static let integers =
    [Int.max, Int.min, 1 << 53, 1 << 31, -(1 << 31) - 1, 1 << 20, -1, 0].map { "\($0)" }
  static let numbers = [".nan", ".inf", "-.inf", "1e308", "-1e308", "1e-320"] + integers

  /// The smallest run that uses every part.
  static func smallest() throws -> ExperimentConfig {
    var config = ExperimentConfig()
    config.threads = 1
    config.data = Selection(
      "synthetic",
      [
        .init("train", .integer(2)), .init("val", .integer(1)), .init("width", .integer(64)),
        .init("height", .integer(64)),
      ])
    (config.input.width, config.input.height) = (64, 64)
    (config.network.width, config.network.fpnChannels) = (8, 16)
    config.training.batchSize = 2
    return try config.resolved()
  }

  /// Each member of each registry in turn, in a configuration that uses it.
  static func members() throws -> [(key: String, config: ExperimentConfig)] {
    func each<Product>(
      _ registry: Registry<Product>, _ key: String,
      _ path: WritableKeyPath<ExperimentConfig, Selection>
    ) throws -> [(String, ExperimentConfig)] {
      try registry.names.map { name in
        var config = try smallest()
        config[keyPath: path] = try registry.resolved(Selection(name), at: key)
        return (key, config)
      }
    }
    let augmented = try augmentations.names.map { name in
      var config = try smallest()
      config.augmentations = [try augmentations.resolved(Selection(name), at: "augmentations")]
      return ("augmentations", config)
    }
    func ofTask<Product>(
      _ registry: Registry<Product>, _ task: String, _ option: String
    ) throws -> [(String, ExperimentConfig)] {
      try registry.names.map { name in
        let key = "tasks.\(task).\(option)"
        let value = Settings(try registry.resolved(Selection(name), at: key))
        var config = try smallest()
        config.tasks = config.tasks.map { element in
          var selection = element.selection
          for i in selection.options.indices where element.name == task {
            if selection.options[i].key == option { selection.options[i].value = value }
          }
          return selection
        }
        return (key, config)
      }
    }
    return try ofTask(segmentationLosses, "segmentation", "loss")
      + ofTask(classificationLosses, "detection", "classification")
      + ofTask(boxLosses, "detection", "box") + each(weightings, "weighting", \.weighting)
      + each(optimizers, "optimizer", \.optimizer) + each(schedules, "schedule", \.schedule)
      + augmented
  }

  @Test func everyNumberOfAConfiguration() throws {
    let config = try Self.smallest()
    let (refused, trained) = try Self.tryAll(of: config, below: nil)
    #expect(refused > 150 && trained > 20, "\(refused) refused, \(trained) trained")
  }

  @Test func everyNumberOfEveryPart() throws {
    var (refused, trained) = (0, 0)
    for (key, config) in try Self.members() {
      let counts = try Self.tryAll(of: config, below: key)
      refused += counts.refused
      trained += counts.trained
    }
    #expect(refused > 500 && trained > 100, "\(refused) refused, \(trained) trained")
  }

  private static func tryAll(
    of config: ExperimentConfig, below key: String?
  ) throws -> (refused: Int, trained: Int) {
    let folder = try TemporaryFolder()
    try AtomicFile.write(config.yaml(), to: folder.file("config.yaml"))
    var (refused, trained) = (0, 0)
    for (path, absurd) in leaves(of: try Settings(encoding: config), at: "")
    where key.map(path.hasPrefix) ?? true {
      for value in absurd {
        let text = "\(path)=\(value)"
        do {
          try step(
            ExperimentConfig(
              contentsOf: folder.file("config.yaml"), overrides: [Override(text)]))
          trained += 1
        } catch {
          refused += 1
          // Every error of the program says more than its type's name.
          #expect("\(error)".contains(" "), "\(text): \(error)")
          if let error = error as? SettingsError {
            let named = path.split { ".[]".contains($0) }.last { Int($0) == nil } ?? ""
            #expect(error.description.contains(named), "\(text): \(error)")
          }
        }
      }
    }
    return (refused, trained)
  }

  /// The dotted paths of all numbers, with the values to try there.
  private static func leaves(of tree: Settings, at key: String) -> [(String, [String])] {
    func inner(_ name: String, _ value: Settings) -> [(String, [String])] {
      leaves(of: value, at: key.isEmpty ? name : "\(key).\(name)")
    }
    switch tree {
    case .map(let entries), .selection(_, let entries):
      return entries.flatMap { inner($0.key, $0.value) }
    case .list(let items): return items.enumerated().flatMap { inner("\($0)", $1) }
    case .integer: return [(key, integers)]
    case .number: return [(key, numbers)]
    default: return []
    }
  }

  /// What a run does before and during its first update.
  private static func step(_ config: ExperimentConfig) throws {
    let experiment = try Experiment(config)
    let trainer = try experiment.makeTrainer()
    var asked = 0
    _ = try trainer.fit(
      experiment.makeLoader(),
      shouldStop: {
        asked += 1
        return asked > 1
      })
  }
}
