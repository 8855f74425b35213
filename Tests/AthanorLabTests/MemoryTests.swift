import AthanorData
import AthanorLab
import Testing

struct MemoryTests {
  let classes = DataClasses(segmentation: ["ground", "a"], detection: ["a"])

  @Test func absurdConfigurationsAreRefused() throws {
    var config = ExperimentConfig()
    (config.input.width, config.input.height) = (16384, 16384)
    let machine = AvailableMemory(bytes: 8 << 30, bound: "free on this machine")
    for use in [ExperimentConfig.Use.training(samples: 8), .evaluation] {
      let error = #expect(throws: MemoryError.self) {
        try config.requireMemory(for: use, classes, of: machine)
      }
      #expect(error?.description.contains("16384×16384") == true)
      #expect(error?.description.contains("8.0 GiB (free on this machine)") == true)
    }
    (config.input.width, config.training.batchSize) = (128, 1_000_000)
    #expect(throws: MemoryError.self) {
      try config.requireMemory(for: .training(samples: 1_000_000), classes, of: machine)
    }
    // A batch is never larger than the data.
    config.input.height = 128
    try config.requireMemory(for: .training(samples: 8), classes, of: machine)
    // As before where nothing is known of the machine.
    try config.requireMemory(for: .training(samples: 1_000_000), classes, of: nil)
  }

  /// Between what is certain and what is likely there is a warning.
  @Test func scarceMemoryIsWarnedOf() throws {
    let config = ExperimentConfig.builtIn
    let least = try config.leastMemory(for: .training(samples: 100), classes)
    let scarce = AvailableMemory(bytes: least + 1, bound: "left of ulimit -v")
    try config.requireMemory(for: .training(samples: 100), classes, of: scarce)
    let warning = try config.memoryWarning(training: 100, classes, of: scarce)
    #expect(warning?.description.contains("batches of 8 images") == true)
    #expect(warning?.description.contains(" takes about ") == true)
    let plenty = AvailableMemory(bytes: 8 << 30, bound: "free on this machine")
    #expect(try config.memoryWarning(training: 100, classes, of: plenty) == nil)
    #expect(try config.memoryWarning(training: 100, classes, of: nil) == nil)
  }

  @Test func theBuiltInConfigurationIsSmall() throws {
    #expect(
      try ExperimentConfig.builtIn.likelyMemory(training: 100, classes) < 1 << 30)
    #expect(try ExperimentConfig.builtIn.leastMemory(for: .evaluation, classes) < 64 << 20)
    #expect(AvailableMemory.now.map { $0.bytes > 0 } != false)
  }
}
