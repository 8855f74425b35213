import AthanorCore
import AthanorExperiment
import TestSupport
import Testing

private func message(_ yaml: String, _ overrides: [String] = []) throws -> String {
  let folder = try TemporaryFolder()
  try AtomicFile.write(yaml, to: folder.file("c.yaml"))
  do {
    _ = try ExperimentConfig(
      contentsOf: folder.file("c.yaml"),
      overrides: overrides.map { try Override($0, from: "--set") })
    return "no error"
  } catch { return "\(error)".replacing(folder.path + "/", with: "") }
}

@Test func configurationRoundTrips() throws {
  let folder = try TemporaryFolder()
  var config = try ExperimentConfig(
    contentsOf: nil,
    overrides: try [
      "optimizer.learning_rate=0.01", "network.width=16",
      "tasks=[segmentation]", "tasks.segmentation.loss={name: dice, smooth: 1}",
      "tasks.lane={type: segmentation, label: lane}", "tasks.depth={}", "tasks.depth=null",
      "data={name: voc, path: a/b}", "data.val=0.5", "training.clip_norm=null", "name=some name",
      "training.best_by.lane=2", "network.weights=w.safetensors",
    ].map { try Override($0) })
  #expect(config.optimizer == Selection("adamw", [.init("learning_rate", .number(0.01))]))
  #expect(config.network.width == 16)
  #expect(config.tasks.names == ["segmentation", "lane"])
  let loss = config.tasks["segmentation"]?.options.first { $0.key == "loss" }?.value
  #expect(loss.map { JSON($0).compact } == #"{"name":"dice","smooth":1}"#)
  #expect(config.tasks["lane"]?.name == "segmentation")
  #expect(
    config.tasks["lane"]?.options.first { $0.key == "label" }?.value == .string("lane"))
  #expect(config.training.bestBy == ["lane": 2])
  #expect(
    config.data
      == Selection("voc", [.init("path", .string("a/b")), .init("val", .number(0.5))]))
  #expect(config.training.clipNorm == nil)
  config.seed = 4
  try AtomicFile.write(config.yaml(), to: folder.file("c.yaml"))
  let again = try ExperimentConfig(contentsOf: folder.file("c.yaml"))
  #expect(try again.yaml() == config.yaml())
  #expect(again.name == "some name")
}

/// A new type does not take the options of the earlier type; a given label is kept.
@Test func aTaskTakesAnotherType() throws {
  let config = try ExperimentConfig(
    contentsOf: nil,
    overrides: try [
      "tasks.lane={type: segmentation, label: far, loss: dice}", "tasks.lane.type=depth",
      "tasks.lane.loss=berhu",
    ].map { try Override($0) })
  let options = try #require(config.tasks["lane"]?.options)
  #expect(config.tasks["lane"]?.name == "depth")
  #expect(options.first { $0.key == "label" }?.value == .string("far"))
  #expect(options.first { $0.key == "loss" }?.value == .string("berhu"))
  _ = try config.resolved()
}

@Test func emptyFileIsTheDefault() throws {
  #expect(try message("") == "no error")
  #expect(try message("data: {name: synthetic, train: 3}\n") == "no error")
}

@Test(arguments: [
  (
    "seed: 1\nnetwork:\n  widht: 3\n",
    "c.yaml:3: network.widht: expected a known key "
      + "(backbone, width, fpn_channels, weights, freeze), received 'widht' (did you mean 'width'?)"
  ),
  ("training:\n  epochs: ten\n", "c.yaml:2: training.epochs: expected an integer, received 'ten'"),
  ("training: 3\n", "c.yaml:1: training: expected a map of keys and values, received the number 3"),
  (
    "tasks: [segmentation, 3]\n",
    "c.yaml:1: tasks[1]: expected a name, received the number 3"
  ),
  (
    "tasks: {}\n", "tasks: expected at least one task, received none"
  ),
  (
    "seed: 1\ntasks: [segmentation]\nlosses:\n  segmentation: {name: focal, gamma: 3}\n",
    "c.yaml:3: losses: expected each loss with its task, in place of 'losses' and 'tasks':\n"
      + "tasks:\n  segmentation:\n    loss:\n      name: focal\n      gamma: 3\n, received the "
      + "earlier section 'losses'"
  ),
  (
    "training: {best_by: {mIoU: 1}}\n",
    "training.best_by.mIoU: expected a task of the run (segmentation, detection), received 'mIoU'"
  ),
  (
    "data: 3\n",
    "c.yaml:1: data: expected a name, or a map with the key 'name', received the number 3"
  ),
  ("input:\n  width: 100\n", "input.width: expected a positive multiple of 32, received 100"),
  ("- 1\n", "c.yaml: expected a map of keys and values, received a list"),
])
func badConfigurationsSayWhere(yaml: String, expected: String) throws {
  #expect(try message(yaml) == expected)
}

@Test(arguments: [
  (
    "network.widht=3",
    "--set network.widht=3: network.widht: expected a known key "
      + "(backbone, width, fpn_channels, weights, freeze), received 'widht' (did you mean 'width'?)"
  ),
  (
    "training.epochs=x",
    "--set training.epochs=x: training.epochs: expected an integer, received 'x'"
  ),
  (
    "losses.box=ciou",
    "--set losses.box=ciou: losses.box: expected the key tasks.detection.box, received the "
      + "earlier key"
  ),
  ("training.epochs", "--set: expected key.path=value, received 'training.epochs'"),
  (
    "seed.x=3",
    "--set seed.x=3: seed.x: expected a key with keys below it, received 'seed', which has none"
  ),
  (
    "seed=[1",
    "--set seed=[1:1: not YAML: did not find expected ',' or ']' while parsing a flow sequence"
  ),
])
func badOverridesSayWhich(text: String, expected: String) throws {
  #expect(try message("", [text]).replacing(":2: not", with: ":1: not") == expected)
}
