import AthanorBalancing
import AthanorTensor

/// Sums over the micro-batches of one update.
struct StepSums {
  private let tasks: [String]
  private var losses: [String: (sum: Double, count: Int)] = [:]
  private var weights: [String: (sum: Double, count: Int)] = [:]
  private var total = 0.0
  private var batches = 0
  /// The number of totals in `total`.
  private var balanced = 0
  /// ⟨g_a, g_b⟩ of the tasks' gradients on the shared features, added over micro-batches.
  private var products: [[Double]]?

  init(tasks: [String]) { self.tasks = tasks }

  /// Adds the losses of a micro-batch.
  mutating func add(_ values: [Double?], _ terms: [(name: String, value: Tensor)]) {
    batches += 1
    for (i, task) in tasks.enumerated() {
      if let value = values[i] { Self.add(value, to: &losses[task]) }
    }
    for (name, value) in terms where !tasks.contains(name) {
      Self.add(value.scalar, to: &losses[name])
    }
  }

  /// Adds weights and the balanced loss with them. A weight of NaN marks an update that is no
  /// weighted sum: it is not recorded, and its loss has weight 1.
  mutating func add(weights: [Double?], _ values: [Double?], _ regularizer: Double) {
    balanced += 1
    total += regularizer
    for (i, task) in tasks.enumerated() {
      guard let value = values[i], let weight = weights[i] else { continue }
      if !weight.isNaN { Self.add(weight, to: &self.weights[task]) }
      total += (weight.isNaN ? 1 : weight) * value
    }
  }

  /// Adds the tasks' gradients on the shared features of a micro-batch.
  mutating func add(_ gradients: [[Tensor?]?]) {
    let empty = [[Double]](
      repeating: [Double](repeating: 0, count: tasks.count), count: tasks.count)
    var sums = products ?? empty
    let present = tasks.indices.filter { gradients[$0] != nil }
    let gram = TaskGradients(present.map { gradients[$0]! }, shapes: []).gram
    for (i, a) in present.enumerated() {
      for (j, b) in present.enumerated() { sums[a][b] += gram[i][j] }
    }
    products = sums
  }

  private static func add(_ value: Double, to sum: inout (sum: Double, count: Int)?) {
    sum = ((sum?.sum ?? 0) + value, (sum?.count ?? 0) + 1)
  }

  /// The mean loss of each task over the micro-batches in which it was present.
  var meanTaskLosses: [Double?] {
    tasks.map { losses[$0].map { $0.sum / Double($0.count) } }
  }

  /// Each task's losses over all micro-batches, 0 where it was absent; nil where it was in none.
  var taskLossesOverAll: [Double?] {
    tasks.map { losses[$0].map { $0.sum / Double(batches) } }
  }

  func record(epoch: Int, step: Int, learningRate: Double) -> StepRecord {
    var record = StepRecord(
      epoch: epoch + 1, step: step, losses: losses.mapValues { $0.sum / Double($0.count) },
      weights: weights.mapValues { $0.sum / Double($0.count) },
      total: total / Double(max(1, balanced)), learningRate: learningRate, milliseconds: 0)
    guard let products else { return record }
    var norms: [String: Double] = [:]
    var cosines: [String: Double] = [:]
    for a in tasks.indices where losses[tasks[a]] != nil {
      norms[tasks[a]] = products[a][a].squareRoot() / Double(max(1, batches))
      for b in tasks.indices.dropFirst(a + 1) where products[a][a] > 0 && products[b][b] > 0 {
        cosines["\(tasks[a]),\(tasks[b])"] =
          products[a][b] / (products[a][a] * products[b][b]).squareRoot()
      }
    }
    (record.gradientNorms, record.cosines) = (norms, cosines)
    return record
  }
}
