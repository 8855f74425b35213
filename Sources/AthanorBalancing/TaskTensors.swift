import AthanorTensor

/// A method's state per task and shared parameter; nil until the task has had a gradient on the
/// parameter.
struct TaskTensors {
  private(set) var rows: [[Tensor?]] = []

  init(tasks count: Int = 0) { rows = [[Tensor?]](repeating: [], count: count) }

  /// A moving average from zeros: bᵢ ← keep·bᵢ + factor·g.
  mutating func move(
    _ task: Int, keeping keep: Double, adding factor: Double, _ gradient: [Tensor?]
  ) {
    reserve(gradient.count, of: task)
    for (k, g) in gradient.enumerated() {
      rows[task][k] =
        switch (rows[task][k], g) {
        case (let average?, let g?): .combination([keep, factor], [average, g])
        case (let average?, nil): average * keep
        case (nil, let g): g.map { $0 * factor }
        }
    }
  }

  /// Sums of squares from zeros, as in AdaGrad: sᵢ ← sᵢ + g². Returns Σ g²/√(sᵢ + ε).
  mutating func addSquares(of gradient: [Tensor?], _ task: Int, epsilon: Double) -> Double {
    reserve(gradient.count, of: task)
    var norm = 0.0
    for case (let k, let g?) in gradient.enumerated() {
      let squares = rows[task][k] ?? g.zerosLike()
      rows[task][k] = squares
      norm += g.adaGradNorm(accumulating: squares, epsilon: epsilon)
    }
    return norm
  }

  private mutating func reserve(_ count: Int, of task: Int) {
    rows[task] += [Tensor?](repeating: nil, count: max(0, count - rows[task].count))
  }

  // MARK: - Saving

  /// `NAME.TASK.PARAMETER` for each tensor there is.
  func state(named name: String) -> [String: Tensor] {
    var state: [String: Tensor] = [:]
    for (i, row) in rows.enumerated() {
      for case (let k, let tensor?) in row.enumerated() { state["\(name).\(i).\(k)"] = tensor }
    }
    return state
  }

  mutating func restore(_ state: [String: Tensor], named name: String) {
    rows = rows.map { _ in [] }
    for (key, tensor) in state {
      let words = key.split(separator: ".")
      guard words.count == 3, words[0] == name, let i = Int(words[1]), let k = Int(words[2]),
        rows.indices.contains(i), (0..<1 << 20).contains(k)
      else { continue }
      reserve(k + 1, of: i)
      rows[i][k] = tensor
    }
  }
}
