import AthanorCore
import AthanorExperiment
import TestSupport
import Testing

/// A plan of a spec's text, with `base.yaml` beside it.
private func plan(_ spec: String, base: String = "seed: 7\n") throws -> AblationPlan {
  let folder = try TemporaryFolder()
  try AtomicFile.write(base, to: folder.file("base.yaml"))
  try AtomicFile.write(spec, to: folder.file("s.yaml"))
  do {
    return try AblationPlan(contentsOf: folder.file("s.yaml"))
  } catch var error as SettingsError {
    error.file = error.file?.replacing(folder.path + "/", with: "")
    throw error
  }
}

private func ids(_ spec: String) throws -> [String] { try plan(spec).runs.map(\.id) }

@Test func aPlanIsGridTimesTuningTimesSeeds() throws {
  let plan = try plan(
    """
    config: base.yaml
    set: {training.epochs: 2}
    seeds: [3, 5]
    grid:
      weighting: [fixed, {name: uncertainty, form: liebel}]
    tune:
      optimizer.learning_rate: [0.001, 0.003]
    single_tasks: false
    """)
  #expect(
    plan.runs.map(\.id) == [
      "fixed_learning_rate-0.001_seed3", "fixed_learning_rate-0.001_seed5",
      "fixed_learning_rate-0.003_seed3", "fixed_learning_rate-0.003_seed5",
      "uncertainty-form-liebel_learning_rate-0.001_seed3",
      "uncertainty-form-liebel_learning_rate-0.001_seed5",
      "uncertainty-form-liebel_learning_rate-0.003_seed3",
      "uncertainty-form-liebel_learning_rate-0.003_seed5",
    ])
  #expect(plan.tuned == ["optimizer.learning_rate"])
  #expect(plan.runs.allSatisfy { $0.config.training.epochs == 2 })
  #expect(plan.runs[1].config.seed == 5)
  #expect(plan.runs[7].label == "uncertainty (form liebel)")
  #expect(plan.runs[7].config.optimizer.options.contains(.init("learning_rate", .number(0.003))))
  let steps = try plan.steps()
  #expect(Set(steps.values) == [2 * 2400 / 8] && steps.count == 8)
}

@Test func theFrontHasScaledWeightsAndSharesTheEqualOne() throws {
  let plan = try plan(
    """
    seeds: 1
    grid: {weighting: [fixed]}
    front: [0.25, 1, 4]
    """)
  #expect(
    plan.runs.map(\.id) == [
      "fixed_seed0", "front-0.25_seed0", "front-4_seed0", "single-segmentation_seed0",
      "single-detection_seed0",
    ])
  #expect(plan.runs.map(\.role) == [.method, .front, .front, .single, .single])
  #expect(plan.runs[2].label == "fixed (segmentation 1.6, detection 0.4)")
  #expect(plan.runs[3].config.tasks.names == ["segmentation"])
  #expect(plan.runs[3].config.weighting.name == "fixed")
}

@Test func theTermsOfTheDetectionLossShareItsWeight() throws {
  let plan = try plan(
    """
    set: {tasks.detection.split: true}
    seeds: 1
    front: [5]
    single_tasks: false
    """)
  guard case .dictionary(let weights)? = plan.runs[1].config.weighting.options.first?.value else {
    Issue.record("no weights")
    return
  }
  #expect(
    Dictionary(uniqueKeysWithValues: weights.map { ($0.key, JSON($0.value).number) }) == [
      "segmentation": 2.5, "detection.cls": 0.5, "detection.box": 0.5,
      "detection.centerness": 0.5,
    ])
}

@Test func frontAndSingleTasksGoWithTheOtherKeys() throws {
  let spec = """
    seeds: 1
    grid:
      weighting: [uncertainty]
      tasks.detection.box: [giou, ciou]
    tune: {weighting.lr: [0.01, 0.1]}
    front: [2]
    """
  #expect(
    try ids(spec) == [
      "uncertainty_giou_lr-0.01_seed0", "uncertainty_giou_lr-0.1_seed0",
      "uncertainty_ciou_lr-0.01_seed0", "uncertainty_ciou_lr-0.1_seed0",
      "front-2_giou_seed0", "front-2_ciou_seed0", "single-segmentation_giou_seed0",
      "single-detection_giou_seed0", "single-detection_ciou_seed0",
    ], "segmentation alone has no boxes")
  #expect(try plan(spec).runs[2].label == "uncertainty, tasks.detection.box ciou")
}

@Test func equalConfigurationsAreOneRun() throws {
  let runs = try plan(
    """
    seeds: 1
    grid: {weighting: [uncertainty, {name: uncertainty, form: kendall}, {name: uncertainty}]}
    single_tasks: false
    """
  ).runs
  #expect(runs.map(\.id) == ["uncertainty_seed0"])
}

/// The spec in the ablation's folder names the copy of its base beside it.
@Test(arguments: [
  ("# why\nconfig: base.yaml  # here\nseeds: 1\n", "# why\nconfig: spec-base.yaml\nseeds: 1\n"),
  ("seeds: 1\n", "seeds: 1\n"),
])
func theCopyNamesItsBase(spec: String, expected: String) throws {
  #expect(try plan(spec).copy == expected)
}

@Test func aSpecOnOneLineIsWrittenAnew() throws {
  let original = try plan(
    "{config: base.yaml, seeds: [3], grid: {tasks.detection.box: [giou, ciou]}}")
  let folder = try TemporaryFolder()
  try AtomicFile.write("seed: 7\n", to: folder.file("spec-base.yaml"))
  try AtomicFile.write(original.copy, to: folder.file("spec.yaml"))
  let again = try AblationPlan(contentsOf: folder.file("spec.yaml"))
  #expect(again.spec.config == "spec-base.yaml")
  #expect(again.runs.map(\.id) == original.runs.map(\.id))
}

@Test func idsAreUniqueNamesOfFiles() throws {
  let names = try ids(
    """
    seeds: 1
    single_tasks: false
    grid:
      tasks.segmentation.loss: [cross_entropy, focal]
      tasks.detection.classification: [focal, bce]
      network.weights: [null, "a b/ü", "a b/ö"]
    """)
  #expect(names.count == 12 && Set(names.map { $0.lowercased() }).count == 12)
  #expect(names[0].hasPrefix("loss-cross_entropy_classification-focal_"), "\(names)")
  #expect(
    names.allSatisfy { name in
      name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-+".contains($0)) }
    }, "\(names)")
}

@Test func withoutAGridTheConfigurationIsTheMethod() throws {
  #expect(try ids("name: mine\nseeds: 2\nsingle_tasks: false\n") == ["run_seed0", "run_seed1"])
  #expect(
    try ids("set: {tasks: [segmentation]}\nseeds: 1\n") == ["run_seed0"], "one task has no single")
}

@Test func theBuiltInSpecPlans() throws {
  let plan = try AblationPlan(contentsOf: nil)
  #expect(Set(plan.runs.map(\.id)).count == plan.runs.count)
  #expect(plan.runs.filter { $0.role == .single }.count == 6)
  _ = try plan.steps()
}

@Test(arguments: [
  (
    "seedz: 3\n",
    "s.yaml:1: seedz: expected a known key (name, config, set, seeds, grid, tune, front, "
      + "single_tasks, baseline, last_epochs), received 'seedz' (did you mean 'seeds'?)"
  ),
  (
    "seeds: 0\n",
    "s.yaml:1: seeds: expected how many, at most 10000, or a list of different integers, received 0"
  ),
  (
    "seeds: [1, 1]\n",
    "s.yaml:1: seeds: expected how many, at most 10000, or a list of different integers, "
      + "received [1,1]"
  ),
  ("seeds: [1, x]\n", "s.yaml:1: seeds[1]: expected an integer, received 'x'"),
  (
    "grid:\n  weighting: fixed\n",
    "s.yaml:2: grid.weighting: expected a list of values, received \"fixed\""
  ),
  ("set: 3\n", "s.yaml:1: set: expected keys of the configuration with their values, received 3"),
  (
    "set:\n  seed: 3\n",
    "s.yaml:2: set.seed: expected the key 'seeds' in its place, received 'seed'"
  ),
  (
    "set:\n  training.epocs: 3\n",
    "s.yaml:2: set.training.epocs: expected a known key (epochs, batch_size, accumulation, "
      + "clip_norm, warmup, learning_rate_factors, ema_decay, evaluate_every, "
      + "record_gradients_every, best_by), received 'epocs' (did you mean 'epochs'?)"
  ),
  (
    "seeds: 1\ngrid:\n  weighting:\n    - fixed\n    - {name: uncertainty, form: libel}\n",
    "s.yaml:5: grid.weighting[1].form: expected one of kendall, libmtl, exp, liebel, "
      + "received 'libel' (did you mean 'liebel'?)"
  ),
  (
    "grid: {optimizer.learning_rate: [1]}\ntune: {optimizer.learning_rate: [1]}\n",
    "s.yaml:2: tune.optimizer.learning_rate: expected a key that grid does not vary, "
      + "received 'optimizer.learning_rate'"
  ),
  ("front: [1, -2]\n", "s.yaml:1: front[1]: expected a positive number, received -2.0"),
  (
    "set: {tasks: [detection]}\nfront: [2]\n",
    "s.yaml:2: front[0]: expected two tasks or more to weight, received tasks: [detection]"
  ),
  (
    "grid: {weighting: [fixed]}\nsingle_tasks: false\nbaseline: fixd\n",
    "s.yaml:3: baseline: expected a method (fixed), received 'fixd' (did you mean 'fixed'?)"
  ),
  ("last_epochs: 0\n", "s.yaml:1: last_epochs: expected an integer from 1 to 1000000, received 0"),
])
func badSpecsSayWhere(spec: String, expected: String) {
  #expect { try plan(spec) } throws: {
    #expect("\($0)" == expected)
    return true
  }
}

/// Errors that only building a run reveals also have the spec's line, before any run starts.
@Test(arguments: [
  (
    "grid:\n  network.fpn_channels: [64, 40]\n", "s.yaml:2: grid.network.fpn_channels[1]: expected"
  ),
  (
    "grid:\n  weighting:\n    - {name: fixed, weights: {segmentaton: 2}}\n",
    "s.yaml:3: grid.weighting[0].weights.segmentaton: expected a task of this run"
  ),
  (
    "grid:\n  tasks.detection.box: [giou, gioo]\n",
    "s.yaml:2: grid.tasks.detection.box[1]: expected a box loss ("
  ),
  (
    "set:\n  optimizer: {name: adamw, learning_rate: -1}\n",
    "s.yaml:2: set.optimizer.learning_rate: expected a positive number"
  ),
])
func everyRunIsTriedBeforeTheFirst(spec: String, expected: String) {
  #expect { try plan(spec).steps() } throws: {
    let message = "\($0)"
    #expect(message.contains(expected), "\(message)")
    return true
  }
}

@Test func aFaultOfTheBaseIsBlamedOnIt() {
  #expect { try plan("config: base.yaml\n", base: "tasks: {detection: {box: gioo}}\n") } throws: {
    #expect("\($0)".hasPrefix("base.yaml: tasks.detection.box: expected a box loss"), "\($0)")
    return true
  }
}

@Test func absurdSpecsAreRefusedBeforeRunsAreMade() {
  let values = "[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]"
  let grid = [
    "optimizer.learning_rate", "optimizer.weight_decay", "optimizer.momentum", "seedless",
  ]
  for spec in [
    "seeds: 100\ngrid:\n" + grid.map { "  \($0): \(values)\n" }.joined(),
    "seeds: 9223372036854775807", "seeds: 1000000", "seeds: [9223372036854775807]",
    "front: [" + (1...20_000).map { "\($0)" }.joined(separator: ", ") + "]",
    "last_epochs: 9223372036854775807", "", "# nothing\n",
  ] {
    #expect(throws: SettingsError.self, "\(spec.prefix(80))") { try plan(spec) }
  }
}
