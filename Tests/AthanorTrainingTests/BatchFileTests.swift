import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorTensor
import AthanorTraining
import AthanorVision
import Foundation
import Testing

/// The batches of `athanor step`, and what it gives for tasks of every type.
@Suite(.serialized) struct BatchFileTests {
  /// The tasks of `TinyScenesRun` and two of their types under other names.
  private static func tasks() throws -> [RunTask] {
    let selections =
      ["segmentation", "detection", "depth", "normals", "classification"].map {
        NamedSelections.Element($0, Selection($0))
      } + [
        .init("lane", Selection("segmentation", [.init("label", .string("lane"))])),
        .init("find", Selection("detection")),
      ]
    return try RunTask.all(NamedSelections(selections), TinyScenes().classes)
  }

  private static let zeros: [String: Tensor] = [
    "image": .zeros([2, 32, 64, 3]),
    "mask": Tensor([UInt8](repeating: 1, count: 4096), shape: [2, 32, 64]),
    "boxes": Tensor([1, 4, 4, 24, 24] as [Float], shape: [1, 5]),
    "classes": Tensor([0] as [Int32], shape: [1]),
    "label.depth": Tensor(repeating: 3, shape: [2, 32, 64]),
    "label.normals": Tensor(repeating: 0.5, shape: [2, 32, 64, 3]),
    "label.classification": Tensor([1, -1] as [Int32], shape: [2]),
    "label.lane": Tensor([UInt8](repeating: 2, count: 4096), shape: [2, 32, 64]),
  ]

  private static func batch(
    _ tasks: [RunTask], _ change: (inout [String: Tensor]) -> Void = { _ in }
  ) throws -> Batch {
    let path = NSTemporaryDirectory() + "/athanor-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    var tensors = zeros
    change(&tensors)
    try TensorFile.write(tensors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, to: path)
    return try Batch(contentsOf: path, for: tasks)
  }

  @Test func everyKindIsRead() throws {
    let batch = try Self.batch(Self.tasks())
    #expect(batch.count == 2)
    let labels = ["mask", "boxes", "depth", "normals", "class", "lane"]
    #expect(Set(batch.labels.keys) == Set(labels))
    let kinds: [Label.Kind] = [.mask, .boxes, .depth, .normals, .category, .mask]
    for (label, kind) in zip(labels, kinds) { #expect(batch.labels[label]?.kind == kind) }
    #expect(batch.labels["class"]?.isLabelled == [true, false])
    #expect(batch.labels["depth"]?.isLabelled == [true, true])
    #expect(batch.labels["lane"]?.values.array(of: UInt8.self).allSatisfy { $0 == 2 } == true)
  }

  /// A map without a value that counts is no label, as a mask of 255 is none.
  @Test(arguments: [0, -1, Double.nan, .infinity])
  func aMapThatSaysNothingIsNoLabel(_ value: Double) throws {
    let tasks = try Self.tasks()
    let batch = try Self.batch(tasks) {
      let half = Tensor(repeating: value, shape: [1, 32, 64])
      $0["label.depth"] = .concatenated([half, .ones([1, 32, 64])], axis: 0)
      let (known, unknown) = (Tensor.ones([1, 32, 64, 3]), value == -1 ? 0 : value)
      $0["label.normals"] = .concatenated(
        [known, Tensor(repeating: unknown, shape: [1, 32, 64, 3])], axis: 0)
    }
    #expect(batch.labels["depth"]?.isLabelled == [false, true])
    #expect(batch.labels["normals"]?.isLabelled == [true, false])
    // What is not known has no share in any gradient.
    let step = try SingleStep(
      Self.network(tasks), Objective(tasks), weighting: FixedWeighting(.init()), batch: batch)
    for (name, gradient) in step.gradients {
      #expect(gradient.doubles.allSatisfy { $0.isFinite }, "\(name)")
    }
  }

  struct Case: CustomTestStringConvertible {
    let name: String
    let tensor: Tensor?
    let says: [String]
    var testDescription: String { "\(name): \(says[0])" }
  }

  @Test(arguments: [
    Case(name: "label.depth", tensor: nil, says: ["a file without it", "float32", "[2, 32, 64]"]),
    Case(
      name: "label.depth", tensor: .zeros([2, 32, 64], .float64),
      says: ["received float64 of shape [2, 32, 64]"]),
    Case(name: "label.depth", tensor: .zeros([2, 32, 64, 1]), says: ["shape [2, 32, 64, 1]"]),
    Case(name: "label.depth", tensor: .zeros([2, 32, 32]), says: ["shape [2, 32, 32]"]),
    Case(name: "label.normals", tensor: .zeros([2, 32, 64]), says: ["[2, 32, 64, 3]"]),
    Case(name: "label.normals", tensor: .zeros([2, 32, 64, 1]), says: ["[2, 32, 64, 3]"]),
    Case(
      name: "label.classification", tensor: Tensor([2, 0] as [Int32], shape: [2]),
      says: ["classes 0 to 1, or -1", "received 2"]),
    Case(
      name: "label.classification", tensor: Tensor([0, -2] as [Int32], shape: [2]),
      says: ["classes 0 to 1, or -1", "received -2"]),
    Case(
      name: "label.classification", tensor: Tensor([0] as [Int32], shape: [1]),
      says: ["int32 of shape [2]"]),
    Case(
      name: "label.lane", tensor: Tensor([UInt8](repeating: 3, count: 4096), shape: [2, 32, 64]),
      says: ["class indices 0 to 2, or 255", "received 3"]),
    Case(name: "label.lane", tensor: .zeros([2, 32, 64]), says: ["uint8 of shape [2, 32, 64]"]),
    Case(name: "mask", tensor: nil, says: ["a file without it"]),
  ])
  func isRefusedWithTheCause(_ test: Case) throws {
    #expect {
      try Self.batch(Self.tasks()) { $0[test.name] = test.tensor }
    } throws: { error in
      let text = "\(error)"
      return error is ContentError
        && (["'\(test.name)'"] + test.says).allSatisfy { text.contains($0) }
    }
  }

  private static func network(_ tasks: [RunTask]) throws -> MultiTaskNetwork {
    try MultiTaskNetwork(
      NetworkOptions(backbone: Selection("resnet10"), width: 8, fpnChannels: 16), tasks, seed: 3)
  }

  @Test func aStepNamesOutputsAndLossesByTask() throws {
    let tasks = try Self.tasks()
    var options = FixedWeighting.Options()
    options.weights = ["depth": 0.5, "lane": 2, "normals": 0]
    let network = try Self.network(tasks)
    let step = try SingleStep(
      network, Objective(tasks), weighting: FixedWeighting(options), batch: Self.batch(tasks))
    let parts = (3...5).flatMap { level in ["cls", "box", "ctr"].map { "p\(level).\($0)" } }
    let outputs = Dictionary(
      uniqueKeysWithValues: step.outputs.map { ($0.name, $0.tensor.shape) })
    #expect(
      Set(outputs.keys)
        == Set(
          ["segmentation", "depth", "normals", "classification", "lane"].map { "out.\($0)" }
            + parts.map { "out.\($0)" } + parts.map { "out.find.\($0)" }))
    #expect(outputs["out.depth"] == [2, 32, 64, 1] && outputs["out.classification"] == [2, 2])
    let losses = Dictionary(uniqueKeysWithValues: step.losses.map { ($0.name, $0.value) })
    let terms = ["detection", "find"].flatMap { task in
      ["cls", "box", "centerness"].map { "\(task).\($0)" }
    }
    #expect(Set(losses.keys) == Set(tasks.map(\.name) + terms + ["total"]))
    let total = tasks.reduce(0) { $0 + (options.weights[$1.name] ?? 1) * losses[$1.name]! }
    #expect(abs(losses["total"]! - total) < 1e-6 * total)
    #expect(step.gradients.map(\.name) == network.parameters().map(\.name))
    for (name, gradient) in step.gradients where name.hasPrefix("normals.") {
      #expect(gradient.doubles.allSatisfy { $0 == 0 }, "\(name): its weight is 0")
    }
  }

  @Test func aTaskWithoutALabelHasLossZero() throws {
    let tasks = try Self.tasks()
    let batch = try Self.batch(tasks) {
      $0["label.depth"] = .zeros([2, 32, 64])
      $0["label.classification"] = Tensor([-1, -1] as [Int32], shape: [2])
    }
    let step = try SingleStep(
      Self.network(tasks), Objective(tasks), weighting: FixedWeighting(.init()), batch: batch)
    let losses = Dictionary(uniqueKeysWithValues: step.losses.map { ($0.name, $0.value) })
    #expect(losses["depth"] == 0 && losses["classification"] == 0 && losses["normals"]! > 0)
    for (name, gradient) in step.gradients
    where name.hasPrefix("depth.") || name.hasPrefix("classification.") {
      #expect(gradient.doubles.allSatisfy { $0 == 0 }, "\(name)")
    }
  }
}
