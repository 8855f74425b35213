import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorTensor
import AthanorVision
import Testing

/// Labels of every kind, and a second mask.
private let classes: DataClasses = {
  var classes = DataClasses(
    masks: ["background", "car", "tree"], boxes: ["car", "tree"], numbers: [.depth, .normals])
  classes.labels["class"] = LabelClasses(.category, ["city", "forest", "sea", "field"])
  classes.labels["lane"] = LabelClasses(.mask, ["background", "lane"])
  return classes
}()

/// Five tasks under their types' names and three under names of their own.
private let everything = NamedSelections(
  ["segmentation", "detection", "depth", "normals", "classification"].map {
    .init($0, Selection($0))
  } + [
    .init("lane", Selection("segmentation", [.init("label", .string("lane"))])),
    .init("range", Selection("depth")), .init("scene", Selection("classification")),
  ])

private func tasks(_ selections: NamedSelections = everything) throws -> [RunTask] {
  try RunTask.all(selections, classes)
}

private func network(_ tasks: [RunTask], seed: Int = 1) throws -> MultiTaskNetwork {
  try MultiTaskNetwork(
    NetworkOptions(backbone: Selection("resnet10"), width: 8, fpnChannels: 32), tasks, seed: seed)
}

@Suite struct TaskHeadTests {
  @Test func parametersHaveTheTasksName() throws {
    let state = try network(tasks()).stateDictionary()
    let shapes = Dictionary(uniqueKeysWithValues: state.map { ($0.name, $0.tensor.shape) })
    for (task, outputs) in [
      ("segmentation", 3), ("depth", 1), ("normals", 3), ("lane", 2), ("range", 1),
    ] {
      for level in 0..<4 {
        #expect(shapes["\(task).levels.\(level).0.weight"] == [64, 32, 3, 3])
        #expect(shapes["\(task).levels.\(level).0.bias"] == nil)
        #expect(shapes["\(task).levels.\(level).1.weight"] == [64])
        #expect(shapes["\(task).levels.\(level).1.bias"] == [64])
      }
      #expect(shapes["\(task).predictor.weight"] == [outputs, 64, 1, 1])
      #expect(shapes["\(task).predictor.bias"] == [outputs])
      #expect(shapes.keys.count { $0.hasPrefix("\(task).") } == 14)
    }
    for task in ["classification", "scene"] {
      #expect(shapes["\(task).fc.weight"] == [4, 32] && shapes["\(task).fc.bias"] == [4])
      #expect(shapes.keys.count { $0.hasPrefix("\(task).") } == 2)
    }
  }

  @Test func classLayersAreThoseWithAnOutputForEachClass() throws {
    let tasks = try tasks()
    let state = try network(tasks).stateDictionary()
    let shapes = Dictionary(uniqueKeysWithValues: state.map { ($0.name, $0.tensor.shape) })
    for task in tasks {
      let layer = task.classLayer.flatMap { shapes["\($0).weight"]?.first }
      #expect(
        layer == (task.classes.names.isEmpty ? nil : task.classes.names.count), "\(task.name)")
    }
  }

  @Test func outputsAreOfTheImagesSize() throws {
    let tasks = try tasks()
    let outputs = try network(tasks)(.zeros([2, 64, 96, 3]), .evaluation)
    let shapes = zip(tasks, outputs).map { ($0.name, $1.tensors.map(\.tensor.shape)) }
    let expected = [
      "segmentation": [2, 64, 96, 3], "depth": [2, 64, 96, 1], "normals": [2, 64, 96, 3],
      "classification": [2, 4], "lane": [2, 64, 96, 2], "range": [2, 64, 96, 1], "scene": [2, 4],
    ]
    for (name, shape) in shapes where name != "detection" { #expect(shape == [expected[name]!]) }
    #expect(shapes[1].1.count == 9)
  }

  /// A task's first weights depend on the seed and on its name, not on its neighbours.
  @Test func theSameSeedGivesTheSameWeightsWhateverTheOtherTasks() throws {
    func values(_ names: Set<String>, seed: Int = 1) throws -> [String: [Double]] {
      let state = try network(tasks(everything.keeping(names)), seed: seed).stateDictionary()
      return Dictionary(uniqueKeysWithValues: state.map { ($0.name, $0.tensor.doubles) })
    }
    let all = try values(Set(everything.names))
    for names: Set in [["depth"], ["lane", "scene"], ["segmentation", "normals", "detection"]] {
      let few = try values(names)
      for (name, tensor) in few { #expect(all[name] == tensor, "\(name)") }
    }
    let weight = "levels.0.0.weight"
    #expect(all["depth.\(weight)"] != all["range.\(weight)"])
    #expect(try values(["depth"], seed: 2)["depth.\(weight)"] != all["depth.\(weight)"])
  }
}

@Suite struct RunTaskTests {
  private static func message(_ name: String, _ selection: Selection) -> String {
    do {
      _ = try RunTask(NamedTask(name, selection), classes, place: "DATA")
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func labelsThatTheDataDoNotHave() {
    let unknown = Self.message(
      "far", Selection("segmentation", [.init("label", .string("lanes"))]))
    for word in ["tasks.far.label", "'lanes'", "lane, mask", "DATA", "did you mean 'lane'?"] {
      #expect(unknown.contains(word), "\(unknown)")
    }
    // It is there, and of another kind.
    let other = Self.message("far", Selection("depth", [.init("label", .string("lane"))]))
    for word in ["tasks.far.label", "label 'lane'", "(depth)"] {
      #expect(other.contains(word), "\(other)")
    }
    let bare = DataClasses(masks: ["background", "car"], boxes: [])
    #expect {
      try RunTask(NamedTask("depth", Selection("depth")), bare, place: "DATA")
    } throws: {
      "\($0)".contains("tasks.depth:") && "\($0)".contains("'depth'") && "\($0)".contains("mask")
    }
  }

  @Test func namesThatAreTaken() {
    for name in ["", "a b", "a.b", "a/b", "é", "backbone", "fpn", "optimizer", "out", "total"] {
      let text = Self.message(name, Selection("depth"))
      #expect(text.contains("letters, digits, - and _"), "'\(name)': \(text)")
    }
    #expect(Self.message("Depth_2-a", Selection("depth")) == "no error")
  }

  @Test func typesLossesAndOptionsThatDoNotExist() {
    let type = Self.message("far", Selection("dephth"))
    #expect(type.contains("tasks.far") && type.contains("did you mean 'depth'?"), "\(type)")
    let loss = Self.message("far", Selection("depth", [.init("loss", .string("berhuu"))]))
    #expect(loss.contains("tasks.far.loss") && loss.contains("'berhu'"), "\(loss)")
    let option = Self.message(
      "scene",
      Selection(
        "classification",
        [
          .init(
            "loss",
            .map([.init("name", .string("cross_entropy")), .init("smoothing", .number(0.1))]))
        ]))
    #expect(option.contains("tasks.scene.loss.smoothing"), "\(option)")
    #expect(option.contains("label_smoothing"), "\(option)")
    let value = Self.message(
      "scene",
      Selection(
        "classification",
        [
          .init(
            "loss",
            .map([.init("name", .string("cross_entropy")), .init("label_smoothing", .number(1))]))
        ]))
    #expect(value.contains("tasks.scene.loss.label_smoothing"), "\(value)")
    #expect(value.contains("[0, 1)"), "\(value)")
  }

  @Test func predictionsAreCalledAsPeopleKnowThem() throws {
    let names = Dictionary(uniqueKeysWithValues: try tasks().map { ($0.name, $0.outputName) })
    #expect(
      names == [
        "segmentation": "mask", "detection": "boxes", "depth": "depth", "normals": "normals",
        "classification": "class", "lane": "lane", "range": "range", "scene": "scene",
      ])
  }

  @Test func lossesHaveTheTasksName() throws {
    for task in try tasks() {
      #expect(task.lossNames == [task.name])
      let isRegression = ["detection", "depth", "normals"].contains(task.type)
      #expect(task.named.task.losses.map(\.kind) == [isRegression ? .regression : .classification])
    }
  }

  @Test func aLossAbsentFromABatchIsNone() throws {
    let tasks = try tasks()
    let network = try network(tasks)
    let batch = Batch(
      [Sample(name: "a", image: Image(width: 32, height: 32, channels: 3))],
      InputFormat(width: 32, height: 32),
      labels: Dictionary(tasks.map { ($0.label, $0.labelKind) }) { a, _ in a })
    for (task, output) in zip(tasks, network(batch.image, .evaluation)) {
      #expect(task.lossValues(output, batch, epoch: 0) == nil)
    }
  }
}

@Suite struct TaskMetricTests {
  @Test func scoresAreShares() {
    let share = TaskMetric("mIoU")
    #expect(!share.lowerIsBetter && share.score(0.3) == 0.3)
    let angle = TaskMetric("mean", .error(typical: 90))
    #expect(angle.lowerIsBetter)
    #expect([0, 45, 90, 500].map { angle.score($0) } == [1, 0.5, 0, 0])
    #expect(TaskMetric("relErr", .error(typical: 1)).score(0.25) == 0.75)
  }

  @Test func headlinesAndDirections() throws {
    let tasks = try tasks()
    let headlines = Dictionary(uniqueKeysWithValues: tasks.map { ($0.name, $0.headline) })
    #expect(
      headlines.mapValues(\.name) == [
        "segmentation": "mIoU", "detection": "AP", "depth": "relErr", "normals": "mean",
        "classification": "accuracy", "lane": "mIoU", "range": "relErr", "scene": "accuracy",
      ])
    let lower = Set(tasks.flatMap { $0.metrics.filter(\.lowerIsBetter).map(\.name) })
    #expect(lower == ["relErr", "absErr", "rmse", "mean", "median"])
  }

  /// What a meter gives is what the task says that it measures, in that order.
  @Test func metersMeasureTheTasksMetrics() throws {
    let map = DenseMap(width: 2, height: 1, channels: 1, values: [1, 2])
    let normals = DenseMap(width: 1, height: 1, channels: 3, values: [0, 0, 1])
    let mask = Image(width: 2, height: 1, channels: 1, pixels: [0, 1])
    let box = BoundingBox(x1: 0, y1: 0, x2: 9, y2: 9, label: 1)
    let labels: [String: Label] = [
      "segmentation": .mask(mask), "detection": .boxes(BoxLabel([box], scores: [1])),
      "depth": .depth(map), "normals": .normals(normals),
      "classification": .category(CategoryLabel(1, scores: [0.1, 0.5, 0.2, 0.2])),
    ]
    for task in try tasks() {
      var meter = task.makeMeter()
      #expect(meter.evaluation() == nil, "\(task.name): nothing is measured yet")
      try meter.add(prediction: labels[task.type]!, truth: labels[task.type]!)
      let evaluation = try #require(meter.evaluation())
      #expect(evaluation.values.map(\.metric) == task.metrics.map(\.name))
      // Right everywhere.
      let best = task.headline.lowerIsBetter ? 0.0 : 1
      #expect(abs(evaluation.values[0].value! - best) < 1e-3, "\(task.name)")
    }
  }

  @Test func depthWithoutAValidPixelIsNotMeasured() throws {
    let task = try tasks()[2]
    var meter = task.makeMeter()
    func depth(_ value: Float) -> Label {
      .depth(DenseMap(width: 1, height: 1, channels: 1, values: [value]))
    }
    try meter.add(prediction: depth(1), truth: depth(0))
    #expect(meter.evaluation() == nil)
  }
}

@Suite struct TaskPredictionTests {
  /// An image of 30×20 that lies in the upper 48×32 of an input of 64×32.
  private static let geometry = Geometry(
    originalWidth: 30, originalHeight: 20, contentWidth: 48, contentHeight: 32)

  /// `inside` where the image is, `outside` in the padding.
  private static func output(_ inside: [Double], _ outside: [Double]) -> Tensor {
    Tensor(
      (0..<32).flatMap { _ in (0..<64).flatMap { $0 < 48 ? inside : outside } },
      shape: [1, 32, 64, inside.count]
    ).cast(to: .float32)
  }

  private static func prediction(_ name: String, _ output: Tensor) throws -> Label {
    let task = try #require(try tasks().first { $0.name == name })
    let found = try task.predictions(output, [geometry], minimumScore: 0.2)
    return try #require(found.first)
  }

  @Test func denseOutputsComeBackInTheOriginalsSize() throws {
    let depth = try #require(try Self.prediction("depth", Self.output([5], [900])).map)
    #expect((depth.width, depth.height, depth.channels) == (30, 20, 1))
    #expect(depth.values.allSatisfy { abs($0 - 5) < 1e-5 })
    let normals = try #require(
      try Self.prediction("normals", Self.output([3, 0, 4], [-9, 9, 0])).map)
    #expect((normals.width, normals.height, normals.channels) == (30, 20, 3))
    for start in stride(from: 0, to: normals.values.count, by: 3) {
      #expect(
        abs(normals.values[start] - 0.6) < 1e-6 && abs(normals.values[start + 2] - 0.8) < 1e-6)
    }
    let mask = try #require(try Self.prediction("lane", Self.output([0, 1], [1, 0])).mask)
    #expect((mask.width, mask.height) == (30, 20) && mask.pixels.allSatisfy { $0 == 1 })
  }

  /// Half a pixel from the border of the content there is no more of it to mix.
  @Test func aRampStaysARamp() throws {
    let ramp = Tensor(
      (0..<32).flatMap { _ in (0..<64).map { Double($0) + 0.5 } }, shape: [1, 32, 64, 1])
    let depth = try #require(try Self.prediction("depth", ramp.cast(to: .float32)).map)
    for x in 0..<30 {
      let expected = min(max((Float(x) + 0.5) * 48 / 30, 0.5), 47.5)
      #expect(abs(depth.values[10 * 30 + x] - expected) < 1e-4)
    }
  }

  @Test func normalsWithoutALengthAreNoNumbersElse() throws {
    let normals = try #require(
      try Self.prediction("normals", Self.output([0, 0, 0], [1, 0, 0])).map)
    #expect(normals.values.allSatisfy { $0 == 0 })
  }

  @Test func classesComeWithTheProbabilityOfAll() throws {
    let found = try #require(
      try Self.prediction("scene", Tensor([0, 1, 3, 3] as [Float], shape: [1, 4])).category)
    let scores = try #require(found.scores)
    #expect(found.index == 2 && scores.count == 4)
    #expect(abs(scores.reduce(0, +) - 1) < 1e-6 && scores[2] == scores[3])
  }

  @Test func whatIsNotFiniteIsRefused() {
    for value in [Double.nan, .infinity] {
      #expect { try Self.prediction("range", Self.output([value], [0])) } throws: {
        ($0 as? OutputError)?.head == "range"
      }
    }
  }
}
