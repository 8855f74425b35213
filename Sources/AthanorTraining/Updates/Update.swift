import AthanorBalancing
import AthanorTensor

/// Accumulates micro-batches, then combines them into the gradient of one update.
///
/// Which of the conforming types is used depends on what the weighting needs.
protocol Update {
  /// Sums so far, for the record and for the weighting.
  var sums: StepSums { get }

  /// Takes the next micro-batch.
  mutating func accumulate(_ pass: ForwardPass)

  /// The gradient of every parameter, nil where no loss reaches it.
  mutating func combine() throws -> [Tensor?]
}

/// What all updates have in common.
struct UpdateContext {
  let parts: ParameterParts
  let names: [String]
  /// The number of micro-batches.
  let batches: Int
  /// The weighting's random numbers, which `step` determines.
  let random: RandomSource
  let step: Int
  /// Whether the tasks' gradients on the shared features are recorded.
  let recordsGradients: Bool

  /// The weight of a micro-batch in a mean over all.
  var share: Double { 1 / Double(batches) }

  /// Called for each micro-batch, so that all of a step get the same random numbers.
  func beginRandomNumbers() { random.begin(step: step) }

  /// The indices of the losses that some micro-batch had.
  func present(_ sums: StepSums) -> [Int] {
    let losses = sums.meanTaskLosses
    return losses.indices.filter { losses[$0] != nil }
  }
}

extension WeightingRule {
  /// Batches per update before accumulation: more than one for methods with independent samples.
  var samples: Int {
    if case .gradients(let method) = self { method.samples } else { 1 }
  }

  func makeUpdate(_ context: UpdateContext) -> any Update {
    switch self {
    case .losses(let method): WeightedLossUpdate(method, context)
    case .gradients(let method) where method.usesFeatures: JointFeatureUpdate(method, context)
    case .gradients(let method): SharedGradientUpdate(method, context)
    case .features(let method): FeatureUpdate(method, context)
    }
  }
}

extension GradientWeighting {
  /// Merges the gradients, and records the weights.
  func combined(
    _ samples: [TaskGradients], _ context: UpdateContext, _ sums: inout StepSums
  ) throws -> MergedGradient {
    context.beginRandomNumbers()
    // Over all micro-batches, as the gradients: those without the task's label count too.
    let losses = sums.taskLossesOverAll
    let regularizer = regularizer(losses)
    let result = try combined(samples, losses: losses, names: context.names)
    var weights = context.names.map { _ in Double?.none }
    for (i, weight) in zip(context.present(sums), result.weights) { weights[i] = weight }
    sums.add(weights: weights, losses, regularizer)
    return result
  }
}

/// The gradients of each loss on the heads, added up.
struct HeadSums {
  private var sums: [GradientSums]

  init(_ context: UpdateContext) {
    sums = context.names.map { _ in GradientSums(count: context.parts.heads.count) }
  }

  mutating func add(_ found: [ForwardPass.HeadGradient?], _ context: UpdateContext) {
    for (i, part) in found.enumerated() {
      if let part { sums[i].add(part.heads, times: context.share) }
    }
  }

  /// The gradients of the present losses, each times its factor, summed.
  func combined(_ factors: [Double], _ present: [Int], _ context: UpdateContext) -> [Tensor?] {
    var total = GradientSums(count: context.parts.heads.count)
    for (i, factor) in zip(present, factors) { total.add(sums[i].sums, times: factor) }
    return total.sums
  }
}
