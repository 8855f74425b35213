import AthanorBalancing
import AthanorCore
import AthanorData
import AthanorLosses
import AthanorNetworks
import AthanorTensor
import AthanorTraining
import Foundation
import Testing

/// Checkpoints that are whole files and wrong inside: each is refused with the name of the entry,
/// and the trainer stays as it was.
@Suite("Restoring what does not fit", .serialized)
struct RestoreTests {
  /// After two updates of the three of an epoch.
  private static func trainer(
    _ weighting: String, _ optimizer: String, updates: Int = 2
  ) throws -> Trainer {
    let run = try TinyRun(
      batchSize: 1, side: 32, weighting: weightings.make(Selection(weighting), at: "weighting"),
      optimizer: optimizers.make(Selection(optimizer), at: "optimizer"))
    let trainer = run.trainer
    _ = try trainer.fit(run.loader, shouldStop: { trainer.progress.batch >= updates })
    return trainer
  }

  private static func tensors(of trainer: Trainer) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: trainer.state.tensors.map { ($0.name, $0.tensor) })
  }

  /// Restores what `change` makes of a state; the message, or nil where it is taken.
  private static func message(
    _ trainer: Trainer, _ progress: TrainingState.Progress,
    _ tensors: [String: Tensor], _ change: (inout [String: Tensor]) -> Void
  ) -> String? {
    var changed = tensors
    change(&changed)
    do {
      try trainer.restore(changed, progress, batchesPerEpoch: 3, from: "FILE")
      return nil
    } catch { return "\(error)" }
  }

  /// One entry of each kind that a state holds, damaged in every way.
  private static func check(_ trainer: Trainer) throws {
    let (progress, whole) = (trainer.progress, tensors(of: trainer))
    let fresh = trainer.state
    var seen: Set<String> = []
    for (name, tensor) in fresh.tensors {
      // Of all parameters one stands for the others.
      let kind = name.split(separator: ".").filter { Int($0) == nil }
      let isState = ["optimizer", "weighting"].contains(kind.first)
      guard seen.insert("\(isState ? kind[0] : "") \(kind.last!)").inserted else { continue }
      let other: DType = tensor.dtype == .float64 ? .float32 : .float64
      var changes: [(what: String, tensor: Tensor?)] = [
        ("of another type", tensor.cast(to: other)),
        ("empty", Tensor.zeros([0], tensor.dtype)),
        ("with an axis more", Tensor.zeros(tensor.shape + [1], tensor.dtype)),
        (
          "larger",
          Tensor.zeros((tensor.shape.isEmpty ? [2] : tensor.shape.map { $0 + 1 }), tensor.dtype)
        ),
      ]
      if tensor.dtype.isFloating {
        changes.append(
          ("infinite", Tensor(repeating: .infinity, shape: tensor.shape, tensor.dtype)))
      } else {
        changes.append(("negative", Tensor(repeating: -1, shape: tensor.shape, tensor.dtype)))
        changes.append(
          ("huge", Tensor([Int64](repeating: .max, count: tensor.count), shape: tensor.shape)))
      }
      if !isPerParameterState(name), !name.hasSuffix("num_batches_tracked") {
        changes.append(("gone", nil))
      }
      if ["running_var", "second", "squares"].contains(kind.last!) {
        changes.append(("negative", Tensor(repeating: -1, shape: tensor.shape, tensor.dtype)))
      }
      if ["steps", "step"].contains(kind.last!) {
        for value in [-1, 0.5, 1e18] {
          changes.append(
            ("\(value)", Tensor(repeating: value, shape: tensor.shape, tensor.dtype)))
        }
      }
      for (what, changed) in changes {
        let said = message(trainer, progress, whole) { $0[name] = changed }
        #expect(
          said?.contains("FILE") == true && said?.contains("'\(name)'") == true,
          "\(name) \(what): \(said ?? "taken")")
      }
    }
    for name in ["optimizer.conv1.wait.first", "weighting.none", "weighting.tracked.0.x"] {
      let said = message(trainer, progress, whole) { $0[name] = Tensor(0) }
      #expect(said?.contains(name) == true, "\(said ?? "taken")")
    }
    #expect(trainer.progress == progress)
    let after = tensors(of: trainer)
    for (name, tensor) in whole {
      let same = zip(tensor.doubles, after[name]!.doubles).allSatisfy {
        $0 == $1 || ($0.isNaN && $1.isNaN)
      }
      #expect(same, "\(name)")
    }
    #expect(message(trainer, progress, whole) { _ in } == nil)
  }

  private static func isPerParameterState(_ name: String) -> Bool {
    let words = name.split(separator: ".")
    return words.first == "weighting" && words.count == 4
  }

  @Test(arguments: weightings.names)
  func everyEntryOfAWeightingIsChecked(_ name: String) throws {
    try Self.check(Self.trainer(name, "sgd"))
  }

  @Test(arguments: optimizers.names)
  func everyEntryOfAnOptimizerIsChecked(_ name: String) throws {
    try Self.check(Self.trainer("fixed", name))
  }

  @Test func progressThatNoRunHasIsRefused() throws {
    let trainer = try Self.trainer("fixed", "sgd", updates: 3)
    let (whole, good) = (Self.tensors(of: trainer), trainer.progress)
    #expect(good.batch == 3)
    let changes: [(String, (inout TrainingState.Progress) -> Void)] = [
      ("epoch -1", { $0.epoch = -1 }), ("epoch 1", { $0.epoch = 1 }),
      ("epoch max", { $0.epoch = .max }), ("batch -1", { $0.batch = -1 }),
      ("batch 4", { $0.batch = 4 }), ("batch max", { $0.batch = .max }),
      ("step 2", { $0.step = 2 }), ("step -1", { $0.step = -1 }), ("step max", { $0.step = .max }),
      ("no sums", { $0.sums = EpochSums() }), ("peak -1", { $0.peakBytes = -1 }),
    ]
    for (what, change) in changes {
      var progress = good
      change(&progress)
      let said = Self.message(trainer, progress, whole) { _ in }
      #expect(said?.contains("'__metadata__.progress'") == true, "\(what): \(said ?? "taken")")
    }
    var other = good
    other.history = try JSONDecoder().decode(
      History.self,
      from: Data(
        """
        {"epochs": [{"epoch": 7, "step": 3, "losses": {}, "total": 0, "weights": {}, "metrics": {},
          "learningRate": 0, "seconds": 0}]}
        """.utf8))
    other.epoch = 1
    let said = Self.message(trainer, other, whole) { _ in }
    #expect(said?.contains("epoch 7") == true, "\(said ?? "taken")")
    #expect(Self.message(trainer, good, whole) { _ in } == nil)
  }
}
