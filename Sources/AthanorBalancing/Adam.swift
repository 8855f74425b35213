import AthanorTensor

/// Adam over a method's own numbers, one per task: β .9 and .999, ε 1e-8. The number of an absent
/// task is unchanged, and bias corrections count the steps of each task.
///
/// Source: Kingma & Ba 2015, algorithm 1.
struct Adam {
  let learningRate: Double
  /// Added to the gradient as λ·x ("coupled").
  let weightDecay: Double
  private var first: [Double] = []
  private var second: [Double] = []
  private var steps: [Double] = []

  init(learningRate: Double, weightDecay: Double = 0) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }

  mutating func begin(count: Int) {
    first = [Double](repeating: 0, count: count)
    second = first
    steps = first
  }

  /// Moves the values at `tasks` against their gradients.
  mutating func update(_ values: inout [Double], _ gradients: [Double], of tasks: [Int]) {
    for (i, derivative) in zip(tasks, gradients) {
      let gradient = derivative + weightDecay * values[i]
      steps[i] += 1
      first[i] = 0.9 * first[i] + 0.1 * gradient
      second[i] = 0.999 * second[i] + 0.001 * gradient * gradient
      let mean = first[i] / (1 - .pow(0.9, steps[i]))
      let square = second[i] / (1 - .pow(0.999, steps[i]))
      values[i] -= learningRate * mean / (square.squareRoot() + 1e-8)
    }
  }

  /// For `Weighting.range(ofState:after:)`.
  static func range(ofState entry: String, after updates: Int) -> StateRange {
    switch entry {
    case "second": .notNegative
    case "steps": .count(upTo: updates)
    default: .finite
    }
  }

  /// For `Weighting.state`.
  var state: [String: Tensor] {
    get { ["first": Tensor(first), "second": Tensor(second), "steps": Tensor(steps)] }
    set {
      first.restore(newValue["first"])
      second.restore(newValue["second"])
      steps.restore(newValue["steps"])
    }
  }
}

extension Tensor {
  /// A vector of numbers, for a method's state.
  init(_ values: [Double]) { self.init(values, shape: [values.count]) }
}

extension [Double] {
  /// Takes the numbers from a saved state, if they are in it.
  mutating func restore(_ saved: Tensor?) { if let saved { self = saved.doubles } }
}
