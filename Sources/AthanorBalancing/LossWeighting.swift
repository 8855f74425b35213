/// A method that needs only the losses: weights wᵢ for one backward pass of Σ wᵢLᵢ.
///
/// An implementation gets the losses of the present tasks and the indices of these tasks.
public protocol LossWeighting: Weighting {
  /// The coefficient of each loss for this step.
  func weights(_ losses: [Double], of tasks: [Int]) -> [Double]

  /// The part of the method's total beside Σ wᵢLᵢ: the regulariser of learned weights. Only logged:
  /// the method takes its gradient itself.
  func regularizer(_ losses: [Double], of tasks: [Int]) -> Double

  /// Updates the method's own parameters after a step with these losses.
  func update(_ losses: [Double], of tasks: [Int])

  /// Whether `update(_:after:of:)` is to be called: a second forward pass on the same batch.
  var wantsLossesAfter: Bool { get }

  /// As `update`, with the losses of the same batch after the step.
  func update(_ losses: [Double], after: [Double], of tasks: [Int])
}

extension LossWeighting {
  public var rule: WeightingRule { .losses(self) }
  public func regularizer(_ losses: [Double], of tasks: [Int]) -> Double { 0 }
  public func update(_ losses: [Double], of tasks: [Int]) {}
  public var wantsLossesAfter: Bool { false }
  public func update(_ losses: [Double], after: [Double], of tasks: [Int]) {}
}

extension LossWeighting {
  /// The coefficient of each loss for this step, nil where the loss is.
  public func weights(_ losses: [Double?]) -> [Double?] {
    let (values, tasks) = present(losses)
    return spread(weights(values, of: tasks), over: losses.count, at: tasks)
  }

  public func regularizer(_ losses: [Double?]) -> Double {
    let (values, tasks) = present(losses)
    return regularizer(values, of: tasks)
  }

  public func update(_ losses: [Double?]) {
    let (values, tasks) = present(losses)
    update(values, of: tasks)
  }

  public func update(_ losses: [Double?], after: [Double?]) {
    let tasks = losses.indices.filter { losses[$0] != nil && after[$0] != nil }
    update(tasks.map { losses[$0]! }, after: tasks.map { after[$0]! }, of: tasks)
  }
}

/// The losses of the present tasks, and the indices of these tasks.
func present(_ losses: [Double?]) -> (values: [Double], tasks: [Int]) {
  let tasks = losses.indices.filter { losses[$0] != nil }
  return (tasks.map { losses[$0]! }, tasks)
}

/// Values of some of `count` tasks, nil for the others.
func spread(_ values: [Double], over count: Int, at tasks: [Int]) -> [Double?] {
  var all = [Double?](repeating: nil, count: count)
  for (task, value) in zip(tasks, values) { all[task] = value }
  return all
}

/// Losses are clamped to this before their logarithm or inverse is taken.
let smallestLoss = 1e-20
