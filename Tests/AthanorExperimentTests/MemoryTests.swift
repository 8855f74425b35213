import AthanorData
import AthanorExperiment
import AthanorTasks
import Testing

struct MemoryTests {
  let tasks: [RunTask]

  init() throws {
    tasks = try RunTask.all(
      ["segmentation", "detection"], DataClasses(masks: ["ground", "a"], boxes: ["a"]))
  }

  @Test func absurdConfigurationsAreRefused() throws {
    var config = ExperimentConfig()
    (config.input.width, config.input.height) = (16384, 16384)
    let machine = AvailableMemory(bytes: 8 << 30, bound: "free on this machine")
    for use in [ExperimentConfig.Use.training(samples: 8), .evaluation] {
      let error = #expect(throws: MemoryError.self) {
        try config.requireMemory(for: use, tasks, of: machine)
      }
      #expect(error?.description.contains("16384×16384") == true)
      #expect(error?.description.contains("8.0 GiB (free on this machine)") == true)
    }
    (config.input.width, config.training.batchSize) = (128, 1_000_000)
    #expect(throws: MemoryError.self) {
      try config.requireMemory(for: .training(samples: 1_000_000), tasks, of: machine)
    }
    // A batch is never larger than the data.
    config.input.height = 128
    try config.requireMemory(for: .training(samples: 8), tasks, of: machine)
    // There is no error where nothing is known about the machine.
    try config.requireMemory(for: .training(samples: 1_000_000), tasks, of: nil)
  }

  /// Between the certain and the likely need there is a warning.
  @Test func scarceMemoryIsWarnedOf() throws {
    let config = ExperimentConfig.builtIn
    let least = try config.leastMemory(for: .training(samples: 100), tasks)
    let scarce = AvailableMemory(bytes: least + 1, bound: "left of ulimit -v")
    try config.requireMemory(for: .training(samples: 100), tasks, of: scarce)
    let warning = try config.memoryWarning(training: 100, tasks, of: scarce)
    #expect(warning?.description.contains("batches of 8 images") == true)
    #expect(warning?.description.contains(" takes about ") == true)
    let plenty = AvailableMemory(bytes: 8 << 30, bound: "free on this machine")
    #expect(try config.memoryWarning(training: 100, tasks, of: plenty) == nil)
    #expect(try config.memoryWarning(training: 100, tasks, of: nil) == nil)
  }

  @Test func theBuiltInConfigurationIsSmall() throws {
    #expect(
      try ExperimentConfig.builtIn.likelyMemory(training: 100, tasks) < 1 << 30)
    #expect(try ExperimentConfig.builtIn.leastMemory(for: .evaluation, tasks) < 64 << 20)
    #expect(AvailableMemory.now.map { $0.bytes > 0 } != false)
  }
}
