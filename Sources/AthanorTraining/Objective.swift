import AthanorBalancing
import AthanorData
import AthanorLosses
import AthanorNetworks
import AthanorTasks
import AthanorTensor
import AthanorVision

/// The losses of one batch.
public struct BatchLosses {
  /// One for each of the objective's `balanced`, in their order; nil where no sample has the
  /// label.
  public var values: [Tensor?]
  /// Their terms by name, for the record.
  public var terms: [(name: String, value: Tensor)]
}

/// The losses of the run's tasks, which training minimises.
public struct Objective: Sendable {
  public let tasks: [RunTask]
  /// The losses that the weighting balances: one or several of each task.
  public let balanced: [BalancedTask]

  public init(_ tasks: [RunTask]) {
    self.tasks = tasks
    balanced = BalancedTask.all(of: tasks.map(\.named))
  }

  /// The names of the labels that batches have to contain.
  public var labels: [String: Label.Kind] {
    Dictionary(tasks.map { ($0.label, $0.labelKind) }, uniquingKeysWith: { first, _ in first })
  }

  /// The same, each loss fitted to class frequencies where it needs any.
  public func fitted(to frequencies: (RunTask) throws -> ClassFrequencies) rethrows -> Objective {
    Objective(try tasks.map { try $0.fitted(to: frequencies) })
  }

  /// The losses of the heads' outputs for a batch, in an epoch counted from 0.
  public func callAsFunction(
    _ outputs: [any HeadOutput], _ batch: Batch, epoch: Int = 0
  ) -> BatchLosses {
    var losses = BatchLosses(values: [], terms: [])
    for (task, output) in zip(tasks, outputs) {
      guard let values = task.lossValues(output, batch, epoch: epoch) else {
        losses.values += task.lossNames.map { _ in nil }
        continue
      }
      losses.values += values.losses
      losses.terms += values.terms.map { (task.named.qualified($0.name), $0.value) }
    }
    return losses
  }
}

extension BalancedTask {
  /// The losses of these tasks that the weighting balances.
  public static func all(of tasks: [NamedTask]) -> [BalancedTask] {
    tasks.flatMap { task in
      task.task.losses.map {
        BalancedTask(
          task.qualified($0.name), $0.kind == .regression ? .regression : .classification)
      }
    }
  }
}
