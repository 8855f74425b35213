import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorNetworks
import AthanorReport
import AthanorTasks
import AthanorTensor
import AthanorVision
import Foundation
import TestSupport
import Testing

/// The files of `athanor predict` for tasks of every type, under the names of their types and
/// others.
@Suite(.serialized) struct PredictionFilesTests {
  private static let classes: DataClasses = {
    var classes = DataClasses(
      masks: ["background", "car", "tree"], boxes: ["car", "tree"], numbers: [.depth, .normals])
    classes.labels["class"] = LabelClasses(
      .category, ["city", "forest", "sea", "field", "lake", "coast"])
    classes.labels["lane"] = LabelClasses(.mask, ["background", "lane"])
    return classes
  }()

  /// A checkpoint with untrained weights for these tasks.
  private static func checkpoint(_ tasks: String, in folder: TemporaryFolder) throws -> String {
    let config = try ExperimentConfig(
      yaml: """
        tasks: \(tasks)
        input: {width: 64, height: 32}
        network: {width: 8, fpn_channels: 16}
        """, name: "test")
    let run = try config.tasks.elements.map {
      try RunTask(NamedTask($0.name, $0.selection), classes, place: "test")
    }
    let network = try MultiTaskNetwork(config.network.options, run, seed: 1)
    let path = folder.file("weights.safetensors")
    try TensorFile.write(
      network.stateDictionary(),
      metadata: [
        "config": try config.yaml(),
        "classes": String(decoding: try JSONEncoder().encode(classes), as: UTF8.self),
      ], to: path)
    return path
  }

  /// Predicts two images of different sizes, and returns the names of the written files.
  private static func predict(_ tasks: String, in folder: TemporaryFolder) throws -> [String] {
    let checkpoint = try checkpoint(tasks, in: folder)
    for (name, width, height) in [("a", 30, 20), ("b", 17, 40)] {
      let pixels = (0..<(3 * width * height)).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      try Image(width: width, height: height, channels: 3, pixels: pixels)
        .write(to: folder.file("\(name).png"))
    }
    try Predicting.run(
      checkpoint, images: [folder.file("a.png"), folder.file("b.png")], to: folder.file("out"))
    return try FileManager.default.contentsOfDirectory(atPath: folder.file("out"))
      .filter { !$0.hasPrefix(".") }.sorted()
  }

  @Test func filesOfTasksUnderTheirTypesNames() throws {
    let folder = try TemporaryFolder()
    let files = try Self.predict(
      "[segmentation, detection, depth, normals, classification]", in: folder)
    let perImage = [
      "depth.npy", "depth.png", "mask.png", "normals.npy", "normals.png", "overlay.png",
    ]
    #expect(
      files == ["a", "b"].flatMap { name in perImage.map { "\(name)_\($0)" } }
        + ["classes.json", "detections.json"])
    for (name, width, height) in [("a", 30, 20), ("b", 17, 40)] {
      let depth = try NumPyFile.read(folder.file("out/\(name)_depth.npy"))
      #expect(depth.shape == [height, width] && depth.type == .f32)
      let normals = try NumPyFile.read(folder.file("out/\(name)_normals.npy"))
      #expect(normals.shape == [height, width, 3] && normals.type == .f32)
      let values = normals.floats()
      for i in stride(from: 0, to: values.count, by: 3) {
        let length = values[i..<i + 3].reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(length - 1) < 1e-5 || length == 0)
      }
      for kind in ["mask", "depth", "normals"] {
        let picture = try Image(
          contentsOf: folder.file("out/\(name)_\(kind).png"),
          as: kind == "mask" ? .indices : .color)
        #expect(picture.width == width && picture.height == height)
      }
      // The image, with depth and normals beside it.
      let overlay = try Image(contentsOf: folder.file("out/\(name)_overlay.png"), as: .color)
      #expect(overlay.width == 3 * width && overlay.height == height)
    }
    let listed = try #require(
      try JSON(parsing: TextFile.read(folder.file("out/classes.json"))).array)
    #expect(listed.compactMap { $0["image"]?.string } == ["a", "b"])
    for item in listed {
      let scores = try #require(item["scores"]?.object)
      #expect(scores.count == 5 && scores[0].key == item["class"]?.string)
      let shares = scores.compactMap(\.value.number)
      #expect(shares == shares.sorted(by: >) && shares.reduce(0, +) <= 1)
    }
  }

  @Test func filesOfTasksUnderOtherNames() throws {
    let folder = try TemporaryFolder()
    let files = try Self.predict(
      """
      {lane: {type: segmentation, label: lane}, far: {type: depth}, scene: {type: classification},
        find: {type: detection}}
      """, in: folder)
    let perImage = ["far.npy", "far.png", "lane.png", "overlay.png"]
    #expect(
      files == ["a", "b"].flatMap { name in perImage.map { "\(name)_\($0)" } }
        + ["find_detections.json", "scene_classes.json"])
    let lane = try Image(contentsOf: folder.file("out/a_lane.png"), as: .indices)
    #expect(lane.pixels.allSatisfy { $0 < 2 })
  }

  /// One task's file would overwrite another's.
  @Test(arguments: [
    "{segmentation: {}, mask: {type: segmentation, label: lane}}",
    "{overlay: {type: segmentation}}",
  ])
  func noFileIsWrittenTwice(_ tasks: String) throws {
    let folder = try TemporaryFolder()
    let text = message { _ = try Self.predict(tasks, in: folder) }
    #expect(text.contains("another output of this command has the same name"), "\(text)")
  }
}
