import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorTraining
import AthanorVision

/// A few samples in memory with labels of every kind, of which some miss some.
struct TinyScenes: Dataset {
  static let width = 48
  static let height = 40

  let classes: DataClasses = {
    var classes = DataClasses(
      masks: ["background", "disc"], boxes: ["disc"], numbers: [.depth, .normals])
    classes.labels["class"] = LabelClasses(.category, ["left", "right"])
    classes.labels["lane"] = LabelClasses(.mask, ["background", "line", "kerb"])
    return classes
  }()
  let warnings = WarningLog()

  /// The labels that sample `index` has: all, a few, or none.
  static let labels: [Set<String>] = [
    ["mask", "boxes", "depth", "normals", "class", "lane"], ["mask", "lane"], ["boxes", "depth"],
    ["normals", "class"], [], ["mask", "boxes", "depth", "normals", "class", "lane"],
    ["depth", "lane"], ["mask", "boxes", "depth", "normals", "class", "lane"],
  ]

  /// Those of `Self.labels` that are dropped from all samples.
  var without: Set<String> = []

  var count: Int { Self.labels.count }
  func name(at index: Int) -> String { "scene \(index)" }

  /// A disc before a plane that recedes.
  func sample(at index: Int) -> Sample {
    let (width, height) = (Self.width, Self.height)
    var random = Generator(9, index)
    let (cx, cy) = (random.uniform(12, 36), random.uniform(12, 28))
    let radius = 10.0
    var image = Image(width: width, height: height, channels: 3)
    var (mask, lane) = (
      Image(width: width, height: height, channels: 1),
      Image(width: width, height: height, channels: 1)
    )
    var (depth, normals) = ([Float](), [Float]())
    for y in 0..<height {
      for x in 0..<width {
        let (i, dx, dy) = (y * width + x, (Double(x) - cx) / radius, (Double(y) - cy) / radius)
        let isDisc = dx * dx + dy * dy < 1
        for c in 0..<3 {
          image.pixels[3 * i + c] = UInt8(isDisc ? 200 - 40 * c : 60 + 20 * c) &+ UInt8(i % 17)
        }
        mask.pixels[i] = x < 2 ? 255 : isDisc ? 1 : 0
        lane.pixels[i] = x == y ? 1 : x > 40 ? 2 : 0
        // No depth is known of the first rows, no normal of the last.
        depth.append(y < 3 ? 0 : isDisc ? 2 : 4 + Float(height - y) / 10)
        let z = isDisc ? (1 - dx * dx - dy * dy).squareRoot() : 1
        normals +=
          y >= height - 3 ? [0, 0, 0] : isDisc ? [Float(dx), Float(dy), Float(z)] : [0, 0, 1]
      }
    }
    let box = BoundingBox(
      x1: Float(cx - radius), y1: Float(cy - radius), x2: Float(cx + radius),
      y2: Float(cy + radius), label: 0)
    let all: [String: Label] = [
      "mask": .mask(mask), "lane": .mask(lane), "boxes": .boxes(BoxLabel([box])),
      "depth": .depth(DenseMap(width: width, height: height, channels: 1, values: depth)),
      "normals": .normals(DenseMap(width: width, height: height, channels: 3, values: normals)),
      "class": .category(CategoryLabel(cx < 24 ? 0 : 1)),
    ]
    let kept = Self.labels[index].subtracting(without)
    return Sample(
      name: name(at: index), image: image, labels: all.filter { kept.contains($0.key) })
  }
}

/// A run on `TinyScenes` of a task of each type and a second mask: two epochs.
struct TinyScenesRun {
  static let names = ["segmentation", "detection", "depth", "normals", "classification", "lane"]
  static let labels = [
    "segmentation": "mask", "detection": "boxes", "depth": "depth", "normals": "normals",
    "classification": "class", "lane": "lane",
  ]

  let scenes: TinyScenes
  let trainer: Trainer
  let loader: Loader
  var evaluator: Evaluator { Evaluator(trainer.network, trainer.objective.tasks, scenes, format) }
  let format = InputFormat(width: 64, height: 32)

  init(
    _ weighting: Selection = Selection("uncertainty"), without: Set<String> = [],
    bestBy: [String: Double] = [:]
  ) throws {
    scenes = TinyScenes(without: without)
    let lane = Selection(
      "segmentation", [.init("label", .string("lane")), .init("loss", .string("dice"))])
    let tasks = try RunTask.all(
      NamedSelections(
        Self.names.map { .init($0, $0 == "lane" ? lane : Selection($0)) }), scenes.classes)
    var options = TrainingOptions()
    (options.epochs, options.batchSize, options.warmup) = (2, 2, 1)
    (options.recordGradientsEvery, options.bestBy) = (1, bestBy)
    trainer = try Trainer(
      MultiTaskNetwork(
        NetworkOptions(backbone: Selection("resnet10"), width: 8, fpnChannels: 16), tasks, seed: 3),
      Objective(tasks), weighting: weightings.make(weighting, at: "weighting"),
      optimizer: AdamW(.init()), schedule: ConstantSchedule(.init()), options: options, seed: 5)
    var loading = Loader.Options()
    (loading.batchSize, loading.seed) = (2, 3)
    loader = Loader(scenes, format, labels: trainer.objective.labels, loading)
  }
}
