import AthanorCLI
import AthanorCore
import AthanorExperiment
import AthanorReport
import AthanorVision
import Foundation
import Testing

/// A run of four tasks on a folder of images, masks, depth and normals, as a user would have it.
@Suite(
  .enabled(if: AthanorBinary.has("train"), "this build has no `athanor train`"), .serialized)
struct ManyTasksTests {
  static let tasks =
    "{segmentation: {loss: focal}, coarse: {type: segmentation, loss: dice}, "
    + "depth: {loss: berhu}, normals: {}}"

  /// A folder with the data set `data` and the run `run` on it, and the output of the run.
  static let made: (folder: String, result: AthanorBinary.Result) = {
    let folder = (try? AthanorBinary.temporaryFolder()) ?? NSTemporaryDirectory()
    do {
      try writeData(to: "\(folder)/data")
      return (folder, try AthanorBinary.run(arguments("run"), in: folder))
    } catch { return (folder, AthanorBinary.Result(status: -1, stdout: "", stderr: "\(error)")) }
  }()
  static var folder: String { made.folder }

  static func arguments(_ run: String) -> [String] {
    [
      "train", "--out", run, "--epochs", "2", "--threads", "2", "--set",
      "data={name: folder, path: data, val: 0.25}", "--set", "tasks=\(tasks)", "--set",
      "input={width: 64, height: 64}", "--set", "network={width: 8, fpn_channels: 16}", "--set",
      "training.batch_size=4",
    ]
  }

  /// Twelve pictures of a disc in front of a plane; two have no depth, two no normals.
  private static func writeData(to path: String) throws {
    for part in ["images", "masks", "depth", "normals"] {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(part)", withIntermediateDirectories: true)
    }
    try AtomicFile.write("background\ndisc\n", to: "\(path)/class_names.txt")
    let (width, height, radius) = (72, 54, 16.0)
    for n in 0..<12 {
      var random = Generator(3, n)
      let (cx, cy) = (random.uniform(16, 56), random.uniform(16, 38))
      var image = Image(width: width, height: height, channels: 3)
      var mask = Image(width: width, height: height, channels: 1)
      var (depth, normals) = ([Float](), [Float]())
      for y in 0..<height {
        for x in 0..<width {
          let (i, dx, dy) = (y * width + x, (Double(x) - cx) / radius, (Double(y) - cy) / radius)
          let isDisc = dx * dx + dy * dy < 1
          let z = isDisc ? (1 - dx * dx - dy * dy).squareRoot() : 0
          for c in 0..<3 {
            let shade = isDisc ? 90 + 150 * z - 20 * Double(c) : Double(40 + y + 10 * c)
            image.pixels[3 * i + c] = UInt8(shade + random.uniform(0, 15))
          }
          mask.pixels[i] = isDisc ? 1 : 0
          depth.append(isDisc ? Float(3 - z) : 4 + Float(height - y) / 10)
          normals += isDisc ? [Float(dx), Float(dy), Float(z)] : [0, -0.6, 0.8]
        }
      }
      let name = "scene\(n)"
      try image.write(to: "\(path)/images/\(name).png")
      try mask.write(to: "\(path)/masks/\(name).png")
      if n % 6 != 1 {
        try NumPyFile.write(
          NumericArray(depth, shape: [height, width]), to: "\(path)/depth/\(name).npy")
      }
      if n % 6 != 2 {
        try NumPyFile.write(
          NumericArray(normals, shape: [height, width, 3]), to: "\(path)/normals/\(name).npy")
      }
    }
  }

  @Test func aRunRecordsEveryTask() throws {
    let run = "\(Self.folder)/run"
    try #require(Self.made.result.status == 0, "\(Self.made.result.all)")
    for name in ["segmentation", "coarse", "depth", "normals"] {
      #expect(Self.made.result.stderr.contains("\(name) "), "\(Self.made.result.stderr)")
    }
    let history = try Table(contentsOf: "\(run)/history.csv")
    let tasks = ["segmentation", "coarse", "depth", "normals"]
    let metrics =
      ["coarse", "segmentation"].flatMap { task in
        ["mIoU", "pixelAccuracy", "IoU/background", "IoU/disc"].map { "\(task)/\($0)" }
      } + ["absErr", "delta1", "relErr", "rmse"].map { "depth/\($0)" }
      + ["mean", "median", "within11"].map { "normals/\($0)" }
    #expect(
      Set(history.columns)
        == Set(
          ["epoch", "step", "total", "score", "learning_rate", "seconds"]
            + tasks.flatMap { ["loss/\($0)", "weight/\($0)", "sigma/\($0)"] }
            + metrics.map { "val/\($0)" }))
    #expect(history.rows.count == 2)
    for column in history.columns {
      #expect(history.numbers(column).allSatisfy { $0?.isFinite == true }, "\(column)")
    }
    for name in [
      "labels.png", "train_batch0.png", "val_batch0_labels.png", "val_batch0_pred.png",
      "confusion_matrix.png", "coarse_confusion_matrix.png", "results.png",
    ] { #expect(FileManager.default.fileExists(atPath: "\(run)/\(name)"), "\(name)") }
    // Samples without depth or normals keep their columns: labels and predictions have the same
    // layout.
    let sheets = try ["labels", "pred"].map {
      try Image(contentsOf: "\(run)/val_batch0_\($0).png", as: .color)
    }
    #expect(sheets[0].width < sheets[1].width && sheets[0].height == sheets[1].height)
    // Every option is written out, including those of losses.
    let config = try TextFile.read("\(run)/config.yaml")
    for line in ["type: segmentation", "name: focal", "gamma: 2", "loss: berhu", "loss: cosine"] {
      #expect(config.contains(line), "\(config)")
    }
  }

  @Test func evalMeasuresEveryTask() throws {
    let result = try AthanorBinary.run(["eval", "run", "--json"], in: Self.folder)
    try #require(result.status == 0, "\(result.all)")
    let printed = try JSON(parsing: result.stdout)
    let keys = Dictionary(
      uniqueKeysWithValues: (printed.object ?? []).map { task in
        (task.key, task.value.object?.map(\.key) ?? [])
      })
    let masks = ["mIoU", "pixelAccuracy", "meanAccuracy", "frequencyWeightedIoU", "perClassIoU"]
    #expect(
      keys == [
        "segmentation": masks, "coarse": masks,
        "depth": ["relErr", "absErr", "rmse", "delta1", "delta2", "delta3"],
        "normals": ["mean", "median", "within11", "within22", "within30"],
      ])
    // The last epoch or an earlier one was the best; its metrics equal these.
    let history = try Table(contentsOf: "\(Self.folder)/run/history.csv")
    let errors = history.numbers("val/depth/relErr").compactMap(\.self)
    let relative = try #require(printed["depth"]?["relErr"]?.number)
    #expect(errors.contains { abs($0 - relative) < 1e-9 })
    // The same as text.
    let text = try AthanorBinary.run(["eval", "run"], in: Self.folder)
    for word in ["relErr 0.", "within30 0.", "coarse IoU"] {
      #expect(text.stdout.contains(word), "\(text.all)")
    }
  }

  @Test func predictWritesAFileOfEveryTask() throws {
    let images = ["data/images/scene0.png", "data/images/scene1.png"]
    let result = try AthanorBinary.run(
      ["predict", "run"] + images + ["--out", "p"], in: Self.folder)
    try #require(result.status == 0, "\(result.all)")
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(Self.folder)/p")
    let perImage = [
      "mask.png", "coarse.png", "depth.npy", "depth.png", "normals.npy", "normals.png",
      "overlay.png",
    ]
    #expect(
      Set(files.filter { !$0.hasPrefix(".") })
        == Set(["scene0", "scene1"].flatMap { name in perImage.map { "\(name)_\($0)" } }))
    let depth = try NumPyFile.read("\(Self.folder)/p/scene0_depth.npy")
    #expect(depth.shape == [54, 72])
    // The image with the first mask; depth, normals and the second mask beside it.
    let overlay = try Image(contentsOf: "\(Self.folder)/p/scene0_overlay.png", as: .color)
    #expect(overlay.width == 4 * 72 && overlay.height == 54)
  }

  /// `--set` changes the options of tasks, also omitted ones: other losses, and their options.
  @Test func overridesReachTheTasks() throws {
    let result = try AthanorBinary.run(
      Self.arguments("few") + [
        "--epochs", "1", "--set", "tasks.depth=null", "--set", "tasks.coarse=null", "--set",
        "tasks.segmentation.loss.gamma=3.5", "--set", "training.best_by={normals: 2}",
      ], in: Self.folder)
    try #require(result.status == 0, "\(result.all)")
    let history = try Table(contentsOf: "\(Self.folder)/few/history.csv")
    #expect(
      history.columns.filter { $0.hasPrefix("loss/") } == ["loss/segmentation", "loss/normals"])
    #expect(try TextFile.read("\(Self.folder)/few/config.yaml").contains("gamma: 3.5"))
    let score = try #require(history.numbers("score").first ?? nil)
    let values = ["segmentation/mIoU", "normals/mean"].compactMap {
      history.numbers("val/\($0)").first ?? nil
    }
    #expect(abs(score - (values[0] + 2 * (1 - values[1] / 90)) / 3) < 1e-9)
  }

  @Test(arguments: [
    ("tasks.depth.loss=l3", ["tasks.depth.loss", "'l3'", "did you mean 'l1'?"]),
    (
      "tasks.depth.loss={name: smooth_l1, bta: 2}",
      ["tasks.depth.loss.bta", "did you mean 'beta'?"]
    ),
    ("tasks.segmentation.loss.gama=2", ["tasks.segmentation.loss.gama", "gamma"]),
    ("tasks.detection={}", ["tasks.detection", "label 'boxes'", "depth, mask, normals"]),
    ("tasks.coarse.label=lanes", ["tasks.coarse.label", "'lanes'", "mask"]),
    ("tasks.coarse.type=segmentatio", ["tasks.coarse", "did you mean 'segmentation'?"]),
    ("tasks.coarse.name=depth", ["tasks.coarse.name", "tasks.coarse.type"]),
    ("training.best_by={dept: 1}", ["best_by.dept", "did you mean 'depth'?"]),
    ("weighting={name: fixed, weights: {corse: 1}}", ["weights.corse", "did you mean 'coarse'?"]),
  ])
  func whatIsWrongIsNamed(override: String, says: [String]) throws {
    let result = try AthanorBinary.run(
      Self.arguments("wrong") + ["--set", override], in: Self.folder)
    #expect(result.status == 1 || result.status == 64, "\(result.all)")
    for word in says { #expect(result.all.contains(word), "\(result.all)") }
    #expect(!FileManager.default.fileExists(atPath: "\(Self.folder)/wrong"))
  }
}
