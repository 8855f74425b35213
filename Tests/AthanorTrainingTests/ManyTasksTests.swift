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

/// Keeps every record of a run.
private final class Records: Callback {
  var steps: [StepRecord] = []
  var evaluations: [Evaluation] = []
  var best: [Bool] = []
  func onStepEnd(_ record: StepRecord) { steps.append(record) }
  func onEpochEnd(_ record: EpochRecord, evaluation: Evaluation?) {
    if let evaluation { evaluations.append(evaluation) }
  }
  func onCheckpoint(_ state: TrainingState, best: Bool) { self.best.append(best) }
}

/// A task of each type and a second mask task, on samples of which some miss some labels.
@Suite(.serialized) struct ManyTasksTests {
  /// One method of each way that an update is made.
  static let rules = [
    Selection("fixed"), Selection("uncertainty"), Selection("pcgrad"), Selection("graddrop"),
    Selection("mgda", [.init("on", .string("features"))]),
  ]

  @Test(arguments: rules)
  func everyRuleTrainsThem(_ weighting: Selection) throws {
    let run = try TinyScenesRun(weighting)
    let before = run.trainer.network.parameters().map { ($0.name, $0.parameter.value.doubles) }
    let records = Records()
    let history = try run.trainer.fit(run.loader, callbacks: [records])
    #expect(records.steps.count == 8 && history.epochs.count == 2)
    for (epoch, steps) in [(0, records.steps[..<4]), (1, records.steps[4...])] {
      let order = run.loader.order(epoch: epoch)
      for (i, step) in steps.enumerated() {
        let labels = order[(2 * i)..<(2 * i + 2)].reduce(into: Set<String>()) {
          $0.formUnion(TinyScenes.labels[$1])
        }
        let present = Set(TinyScenesRun.labels.filter { labels.contains($0.value) }.keys)
        // What is absent has no loss and no weight.
        let tasks = Set(step.losses.keys.filter { !$0.contains(".") })
        #expect(tasks == present, "epoch \(epoch), step \(i)")
        #expect(Set(step.weights.keys).isSubset(of: present))
        #expect(step.losses.values.allSatisfy { $0.isFinite && $0 >= 0 } && step.total.isFinite)
        if let norms = step.gradientNorms { #expect(Set(norms.keys) == present) }
      }
    }
    // Every task learned something.
    let after = Dictionary(
      uniqueKeysWithValues: run.trainer.network.parameters().map {
        ($0.name, $0.parameter.value.doubles)
      })
    for name in TinyScenesRun.names {
      let own = before.filter { $0.0.hasPrefix("\(name).") && $0.0.hasSuffix("weight") }
      #expect(own.contains { after[$0.0] != $0.1 }, "\(weighting.name): \(name)")
    }
    for (name, values) in after { #expect(values.allSatisfy { $0.isFinite }, "\(name)") }
  }

  @Test(arguments: rules)
  func aResumedRunEndsWithTheSameBits(_ weighting: Selection) throws {
    let whole = try TinyScenesRun(weighting)
    _ = try whole.trainer.fit(whole.loader)
    let first = try TinyScenesRun(weighting)
    _ = try first.trainer.fit(first.loader, shouldStop: { first.trainer.progress.step >= 3 })
    #expect(first.trainer.progress.step == 3)
    let second = try TinyScenesRun(weighting)
    let state = first.trainer.state
    try second.trainer.restore(
      Dictionary(uniqueKeysWithValues: state.tensors.map { ($0.name, $0.tensor) }), state.progress,
      batchesPerEpoch: second.loader.batchesPerEpoch, from: "checkpoint")
    _ = try second.trainer.fit(second.loader)
    let (expected, found) = (whole.trainer.state.tensors, second.trainer.state.tensors)
    #expect(expected.map(\.name) == found.map(\.name))
    for (a, b) in zip(expected, found) {
      #expect(a.tensor.shape == b.tensor.shape)
      let isSame = zip(a.tensor.doubles, b.tensor.doubles).allSatisfy {
        $0 == $1 || ($0.isNaN && $1.isNaN)
      }
      #expect(isSame, "\(a.name)")
    }
    let histories = [whole, second].map { $0.trainer.progress.history.epochs }
    #expect(histories[0].map(\.losses) == histories[1].map(\.losses))
    #expect(histories[0].map(\.weights) == histories[1].map(\.weights))
  }

  @Test func theyAreLearned() throws {
    let run = try TinyScenesRun(Selection("fixed"))
    let batch = Batch(
      [0, 5, 7].map { run.scenes.sample(at: $0) }, run.format, labels: run.trainer.objective.labels)
    let first = try run.trainer.step([batch], learningRate: 3e-3)
    var last = first
    for _ in 0..<25 { last = try run.trainer.step([batch], learningRate: 3e-3) }
    for name in TinyScenesRun.names {
      #expect(last.losses[name]! < 0.8 * first.losses[name]!, "\(name): \(first.losses[name]!)")
    }
  }

  @Test func evaluationMeasuresEach() throws {
    let run = try TinyScenesRun()
    let records = Records()
    let history = try run.trainer.fit(run.loader, validation: run.evaluator, callbacks: [records])
    let evaluation = try #require(records.evaluations.last)
    #expect(evaluation.samples == 8 && evaluation.skipped == 0)
    #expect(evaluation.tasks.map(\.task.name) == TinyScenesRun.names)
    for (task, measured) in evaluation.tasks {
      let measured = try #require(measured)
      #expect(measured.values.map(\.metric) == task.metrics.map(\.name))
    }
    let metrics = try #require(history.epochs.last?.metrics)
    for name in [
      "segmentation/mIoU", "segmentation/IoU/disc", "detection/AP", "depth/relErr", "depth/absErr",
      "depth/rmse", "depth/delta1", "normals/mean", "normals/median", "normals/within11",
      "classification/accuracy", "classification/accuracyTop5", "classification/accuracy/left",
      "lane/mIoU", "lane/IoU/kerb",
    ] { #expect(metrics[name] != nil, "\(name)") }
    // Only `athanor eval` shows them.
    for name in ["depth/delta2", "normals/within22"] { #expect(metrics[name] == nil, "\(name)") }
    #expect(metrics["classification/accuracyTop5"] == 1)
  }

  @Test func aTaskWithoutAnyLabelIsNotMeasured() throws {
    let run = try TinyScenesRun(without: ["depth", "class"])
    let records = Records()
    let history = try run.trainer.fit(run.loader, validation: run.evaluator, callbacks: [records])
    for (task, measured) in records.evaluations[0].tasks {
      #expect((measured == nil) == ["depth", "classification"].contains(task.name), "\(task.name)")
    }
    #expect(!records.evaluations[0].isEmpty)
    #expect(history.epochs[0].losses["depth"] == nil && history.epochs[0].weights["depth"] == nil)
    #expect(history.epochs[0].score != nil)
  }

  /// By plain loops over the predictions.
  @Test func evaluationIsThatOfThePredictions() throws {
    let run = try TinyScenesRun()
    _ = try run.trainer.fit(run.loader)
    var (errors, angles, right, images) = ([Double](), [Double](), 0, 0)
    let evaluation = try run.evaluator(visit: { result in
      if let truth = result.sample.depth, let found = result.prediction["depth"]?.map {
        #expect((found.width, found.height) == (TinyScenes.width, TinyScenes.height))
        for (p, y) in zip(found.values, truth.values) where y > 0 {
          errors.append(abs(Double(p) - Double(y)) / Double(y))
        }
      }
      if let truth = result.sample.normals, let found = result.prediction["normals"]?.map {
        for i in stride(from: 0, to: truth.values.count, by: 3)
        where truth.values[i..<i + 3].contains(where: { $0 != 0 }) {
          let (p, y) = (
            found.values[i..<i + 3].map(Double.init), truth.values[i..<i + 3].map(Double.init)
          )
          func dot(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
          }
          let cosine = dot(p, y) / (dot(p, p) * dot(y, y)).squareRoot()
          angles.append(acos(min(max(cosine, -1), 1)) * 180 / .pi)
        }
      }
      if let truth = result.sample.category {
        images += 1
        right += result.prediction["classification"]?.category?.index == truth ? 1 : 0
      }
    })
    func value(_ task: String, _ metric: String) -> Double? {
      evaluation.tasks.first { $0.task.name == task }?.evaluation?.values
        .first { $0.metric == metric }?.value
    }
    let relative = try #require(value("depth", "relErr"))
    #expect(abs(relative - errors.reduce(0, +) / Double(errors.count)) < 1e-9)
    let mean = try #require(value("normals", "mean"))
    #expect(abs(mean - angles.reduce(0, +) / Double(angles.count)) < 1e-9)
    #expect(value("classification", "accuracy") == Double(right) / Double(images))
  }

  @Test func theScoreIsTheMeanOfHeadlinesAsShares() throws {
    let run = try TinyScenesRun(bestBy: ["depth": 2, "lane": 0])
    let records = Records()
    let history = try run.trainer.fit(run.loader, validation: run.evaluator, callbacks: [records])
    for (record, evaluation) in zip(history.epochs, records.evaluations) {
      func share(_ name: String) throws -> Double? {
        let (task, measured) = try #require(evaluation.tasks.first { $0.task.name == name })
        return measured?.value(task.headline).map {
          switch task.type {
          case "depth": 1 - min(1, $0)
          case "normals": 1 - $0 / 90
          default: $0
          }
        }
      }
      var (sum, total) = (0.0, 0.0)
      for name in TinyScenesRun.names where name != "lane" {
        guard let share = try share(name) else { continue }
        #expect((0...1).contains(share))
        sum += (name == "depth" ? 2 : 1) * share
        total += name == "depth" ? 2 : 1
      }
      #expect(abs(try #require(record.score) - sum / total) < 1e-12)
    }
    let scores = history.epochs.map { $0.score! }
    #expect(records.best == [true, scores[1] > scores[0]])
    #expect(history.best?.score == scores.max())
  }

  @Test func twoTasksOfOneLabelShareIt() throws {
    let scenes = TinyScenes()
    let tasks = try RunTask.all(
      NamedSelections([
        .init("depth", Selection("depth")),
        .init("far", Selection("depth", [.init("loss", .string("berhu"))])),
      ]), scenes.classes)
    let objective = Objective(tasks)
    #expect(objective.labels == ["depth": .depth])
    let network = try MultiTaskNetwork(
      NetworkOptions(backbone: Selection("resnet10"), width: 8, fpnChannels: 16), tasks, seed: 3)
    let batch = Batch(
      [scenes.sample(at: 0)], InputFormat(width: 64, height: 32), labels: objective.labels)
    let losses = objective(network(batch.image, .evaluation), batch)
    #expect(losses.values.count == 2 && losses.values.allSatisfy { $0 != nil })
  }
}
