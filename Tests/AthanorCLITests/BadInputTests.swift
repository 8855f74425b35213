import AthanorVision
import Foundation
import Testing

/// Mistakes of users: each must end with an exit code other than 0 and a message that names the
/// file or key at fault, and must not crash.
@Suite(
  .enabled(if: AthanorBinary.has("train"), "this build has no `athanor train`"), .serialized)
struct BadInputTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    /// Files to write first, by path.
    var files: [String: Content] = [:]
    /// `RUN` in them stands for a run of the smallest network, trained for one epoch.
    let arguments: [String]
    /// Texts that the output must contain.
    let says: [String]
    var status: Set<Int32> = [1, 64]

    var testDescription: String { name }
  }

  /// The content of a case's file.
  enum Content: ExpressibleByStringLiteral {
    case text(String)
    /// A gray PNG in which every pixel has one value.
    case gray(width: Int, height: Int, value: UInt8)
    /// A JPEG, truncated to this share where it is below 1.
    case jpeg(width: Int, height: Int, share: Double)
    /// The last checkpoint of `RUN`, truncated in the same way.
    case checkpoint(share: Double)

    init(stringLiteral text: String) { self = .text(text) }

    func write(to path: String) throws {
      switch self {
      case .text(let text):
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      case .gray(let width, let height, let value):
        let pixels = [UInt8](repeating: value, count: width * height)
        try Image(width: width, height: height, channels: 1, pixels: pixels).write(to: path)
      case .jpeg(let width, let height, let share):
        let pixels = (0..<(3 * width * height)).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        try Image(width: width, height: height, channels: 3, pixels: pixels).write(to: path)
        try Self.cut(path, to: share)
      case .checkpoint(let share):
        try FileManager.default.copyItem(
          atPath: "\(BadInputTests.run)/checkpoints/last.safetensors", toPath: path)
        try Self.cut(path, to: share)
      }
    }

    private static func cut(_ path: String, to share: Double) throws {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      try bytes.prefix(Int(Double(bytes.count) * share)).write(to: URL(fileURLWithPath: path))
    }
  }

  /// A run of the smallest network, trained for one epoch on first use.
  static let run: String = {
    let folder = (try? AthanorBinary.temporaryFolder()) ?? NSTemporaryDirectory()
    _ = try? AthanorBinary.run(
      CrashTests.arguments("\(folder)/run", epochs: 1), in: folder)
    return "\(folder)/run"
  }()

  /// The annotation of a 32×32 image with one object.
  static func voc(_ name: String, _ corners: [Int]) -> Content {
    let tags = zip(["xmin", "ymin", "xmax", "ymax"], corners).map { "<\($0)>\($1)</\($0)>" }
    return .text(
      "<annotation><size><width>32</width><height>32</height></size><object><name>\(name)</name>"
        + "<bndbox>\(tags.joined())</bndbox></object></annotation>")
  }

  /// Training on the masks in `d`.
  static let maskTraining = [
    "train", "--set", "tasks=[segmentation]", "--set",
    "data={name: folder, path: d, classes: [a, b], val: 0}",
  ]

  /// More classes than byte masks can represent.
  static let manyClasses =
    "classes=[" + (0..<257).map { "c\($0)" }.joined(separator: ", ") + "]"

  static let labelme =
    #"{"version":"5.0","shapes":[{"label":"fig","shape_type":"rectangle","#
    + #""points":[[1,1],[5,5]]}],"imagePath":"a.jpg"}"#

  @Test(arguments: [
    Case(name: "missing config", arguments: ["train", "none.yaml"], says: ["none.yaml"]),
    Case(
      name: "unknown key, nearest known one", files: ["c.yaml": "training: {epoch: 3}\n"],
      arguments: ["train", "c.yaml"], says: ["c.yaml", "epoch", "epochs"]),
    Case(
      name: "wrong type", files: ["c.yaml": "training: {epochs: many}\n"],
      arguments: ["train", "c.yaml"], says: ["c.yaml", "epochs", "many"]),
    Case(
      name: "broken YAML", files: ["c.yaml": "training: [1, \n"], arguments: ["train", "c.yaml"],
      says: ["c.yaml"]),
    Case(
      name: "an option of a weighting that has none",
      arguments: ["train", "--set", "weighting={name: pcgrad, rate: 1}"],
      says: ["weighting.rate", "no options", "'rate'"]),
    Case(
      name: "unknown loss, nearest known one",
      arguments: ["train", "--set", "tasks.detection.box=gioo"],
      says: ["tasks.detection.box", "gioo", "giou"]),
    Case(
      name: "unknown override", arguments: ["train", "--set", "training.epocs=3"],
      says: ["epocs", "epochs"]),
    Case(
      name: "impossible network shape", arguments: ["train", "--set", "network.fpn_channels=40"],
      says: ["network.fpn_channels", "16", "40"]),
    Case(
      name: "impossible input size", arguments: ["train", "--set", "input.width=100"],
      says: ["input.width", "32", "100"]),
    Case(
      name: "missing data", arguments: ["train", "--set", "data={name: voc, path: nowhere}"],
      says: ["nowhere"]),
    Case(
      name: "no labels to write", arguments: ["data", "convert", "d", "out", "--labels", ","],
      says: ["--labels", "masks, boxes or both", "none"]),
    Case(
      name: "empty data folder", files: ["empty/.keep": ""],
      arguments: ["train", "--set", "data={name: folder, path: empty}"], says: ["empty"]),
    Case(
      name: "257 classes of masks",
      arguments: [
        "metrics", "segmentation", "--prediction", "d", "--truth", "d", "--classes", "257",
      ], says: ["--classes", "1 to 256", "257"]),
    Case(
      name: "no class of masks",
      arguments: [
        "metrics", "segmentation", "--prediction", "d", "--truth", "d", "--classes", "0",
      ], says: ["--classes", "1 to 256", "received 0"]),
    Case(
      name: "more classes than masks hold",
      files: [
        "d/images/a.png": .gray(width: 32, height: 32, value: 9),
        "d/masks/a.png": .gray(width: 32, height: 32, value: 1),
      ],
      arguments: ["data", "inspect", "d", "--layout", "folder", "--set", Self.manyClasses],
      says: ["classes", "254", "257"]),
    Case(
      name: "truncated JPEG",
      files: ["d/a.json": .text(labelme), "d/a.jpg": .jpeg(width: 64, height: 64, share: 0.5)],
      arguments: ["train", "--set", "data={name: labelme, path: d}"], says: ["d/a.jpg"]),
    Case(
      name: "text called a JPEG", files: ["d/a.json": .text(labelme), "d/a.jpg": "not a JPEG"],
      arguments: ["train", "--set", "data={name: labelme, path: d}"], says: ["d/a.jpg"]),
    Case(
      name: "mask of another size than its image",
      files: [
        "d/images/a.jpg": .jpeg(width: 32, height: 32, share: 1),
        "d/masks/a.png": .gray(width: 16, height: 32, value: 1),
      ],
      arguments: maskTraining,
      says: ["d/masks/a.png", "32×32", "16×32"]),
    Case(
      name: "mask value that is no class",
      files: [
        "d/images/a.jpg": .jpeg(width: 32, height: 32, share: 1),
        "d/masks/a.png": .gray(width: 32, height: 32, value: 9),
      ],
      arguments: maskTraining,
      says: ["d/masks/a.png", "0…1", "9"]),
    Case(
      name: "unknown class, nearest known one",
      files: [
        "d/JPEGImages/a.jpg": .jpeg(width: 32, height: 32, share: 1),
        "d/Annotations/a.xml": voc("daet", [4, 4, 20, 20]),
      ], arguments: ["train", "--set", "data={name: voc, path: d, classes: [date, fig]}"],
      says: ["d/Annotations/a.xml", "daet", "date"]),
    Case(
      name: "box outside the image: dropped, counted, not fatal",
      files: [
        "d/JPEGImages/a.jpg": .jpeg(width: 32, height: 32, share: 1),
        "d/Annotations/a.xml": voc("fig", [40, 40, 50, 50]),
        "d/JPEGImages/b.jpg": .jpeg(width: 32, height: 32, share: 1),
        "d/Annotations/b.xml": voc("fig", [9, 9, 9, 9]),
      ],
      arguments: [
        "train", "--epochs", "1", "--set", "tasks=[detection]", "--set",
        "data={name: voc, path: d, val: 0}", "--set", "network={width: 8, fpn_channels: 16}",
      ],
      says: ["1 × box outside the image dropped (a.xml)", "1 × box of zero area dropped (b.xml)"],
      status: [0]),
    Case(
      name: "corrupt checkpoint", files: ["w.safetensors": "not one"],
      arguments: ["eval", "w.safetensors"], says: ["w.safetensors"]),
    Case(
      name: "truncated checkpoint", files: ["w.safetensors": .checkpoint(share: 0.7)],
      arguments: ["eval", "w.safetensors"], says: ["w.safetensors"]),
    Case(
      name: "checkpoint of another network",
      files: [
        "r/config.yaml": "network: {width: 12, fpn_channels: 16}",
        "r/checkpoints/last.safetensors": .checkpoint(share: 1),
      ], arguments: ["train", "--out", "r", "--resume"],
      says: ["r/checkpoints/last.safetensors", "as the run has it"]),
    Case(
      name: "weights of which none fits",
      files: ["w.safetensors": .text("\u{8}\0\0\0\0\0\0\0{}      ")],
      arguments: ["train", "--set", "network.weights=w.safetensors"],
      says: ["w.safetensors", "none agrees"]),
    Case(
      name: "missing spec", arguments: ["ablate", "none.yaml", "--out", "o"], says: ["none.yaml"]),
    Case(
      name: "ablation without a folder", arguments: ["ablate"], says: ["--out"], status: [64]),
    Case(
      name: "no jobs at all", arguments: ["ablate", "--out", "o", "--jobs", "0"],
      says: ["--jobs", "0"], status: [64]),
    Case(
      name: "unknown key of a spec, nearest known one", files: ["s.yaml": "seeds: 2\ngird: {}\n"],
      arguments: ["ablate", "s.yaml", "--out", "o"], says: ["s.yaml:2", "gird", "grid"]),
    Case(
      name: "unknown weighting in the last method",
      files: ["s.yaml": "grid:\n  weighting: [fixed, uncertanty]\n"],
      arguments: ["ablate", "s.yaml", "--out", "o"],
      says: ["s.yaml:2", "grid.weighting[1]", "uncertanty", "uncertainty"]),
    Case(
      name: "spec whose base is missing", files: ["s.yaml": "config: base.yaml\n"],
      arguments: ["ablate", "s.yaml", "--out", "o"], says: ["base.yaml"]),
    Case(
      name: "ablation into a file", files: ["taken": "x", "s.yaml": "seeds: 1\n"],
      arguments: ["ablate", "s.yaml", "--out", "taken"],
      says: ["taken", "cannot create the folder"]),
    Case(name: "missing run", arguments: ["eval", "no-such-run"], says: ["no-such-run"]),
    Case(
      name: "unknown split", arguments: ["eval", "RUN", "--split", "vall"], says: ["vall"]),
    Case(
      name: "missing image", arguments: ["predict", "RUN", "none.jpg", "--out", "o"],
      says: ["none.jpg"]),
    Case(
      name: "no image in a folder", files: ["empty/.keep": ""],
      arguments: ["predict", "RUN", "empty", "--out", "o"], says: ["empty"]),
    Case(
      name: "broken image among good ones: the others are predicted",
      files: [
        "d/a.jpg": .jpeg(width: 32, height: 32, share: 1),
        "d/b.jpg": .jpeg(width: 32, height: 32, share: 0.3),
      ], arguments: ["predict", "RUN", "d", "--out", "o"], says: ["d/b.jpg"]),
    Case(
      name: "broken image among good ones: the others are preprocessed",
      files: [
        "d/a.jpg": .jpeg(width: 32, height: 32, share: 1),
        "d/b.jpg": .jpeg(width: 32, height: 32, share: 0.3),
      ], arguments: ["preprocess", "flip", "d", "o"], says: ["d/b.jpg", "o: 1 of 2 written"]),
    Case(
      name: "unknown op, nearest known one", files: ["a.png": .gray(width: 8, height: 8, value: 0)],
      arguments: ["preprocess", "resiz", "a.png", "b.png"], says: ["resiz", "resize"]),
    Case(
      name: "floats into a PNG", files: ["a.png": .gray(width: 8, height: 8, value: 0)],
      arguments: ["preprocess", "normalize", "a.png", "b.png"], says: ["b.png", ".npy"]),
    Case(
      name: "unknown colour in a label", files: ["a.png": .gray(width: 8, height: 8, value: 7)],
      arguments: ["preprocess", "label_map", "a.png", "b.png"], says: ["a.png", "7, 7, 7"]),
    Case(
      name: "a run where a run is", arguments: ["train", "--out", "RUN"], says: ["--resume"]),
    Case(
      name: "unwritable output",
      arguments: ["train", "--epochs", "1", "--out", "/proc/nowhere/run"],
      says: ["/proc/nowhere"]),
    Case(
      name: "output folder is a file", files: ["taken": "x"],
      arguments: ["train", "--epochs", "1", "--out", "taken"], says: ["taken", "file"]),
  ])
  func isRefusedWithTheCause(_ test: Case) throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (path, content) in test.files {
      let url = URL(fileURLWithPath: "\(folder)/\(path)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try content.write(to: url.path)
    }
    let arguments = test.arguments.map { $0 == "RUN" ? Self.run : $0 }
    let result = try AthanorBinary.run(arguments, in: folder)
    #expect(test.status.contains(result.status), "exit code \(result.status): \(result.all)")
    for word in test.says { #expect(result.all.contains(word), "\(result.all)") }
  }
}
