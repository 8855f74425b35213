import AthanorBalancing
import AthanorTensor

/// One update in the making: micro-batches are accumulated, then combined into one gradient.
///
/// What a weighting must be given decides which of the conforming types it is.
protocol Update {
  /// What was seen so far, for the record and for the weighting.
  var sums: StepSums { get }

  /// Takes the next micro-batch.
  mutating func accumulate(_ pass: ForwardPass)

  /// The gradient of every parameter, nil where no loss reaches it.
  mutating func combine() throws -> [Tensor?]
}

/// What every update knows.
struct UpdateContext {
  let parts: ParameterParts
  let names: [String]
  /// Micro-batches that it takes.
  let batches: Int
  /// The weighting's random numbers, and the update that they are addressed by.
  let random: RandomSource
  let step: Int
  /// Whether the tasks' gradients on the shared features are recorded.
  let recordsGradients: Bool

  /// A micro-batch's share of a mean over all.
  var share: Double { 1 / Double(batches) }

  /// Each micro-batch of a step sees the same random numbers.
  func beginRandomNumbers() { random.begin(step: step) }

  /// The indices of the losses that were in some batch.
  func present(_ sums: StepSums) -> [Int] {
    let losses = sums.meanTaskLosses
    return losses.indices.filter { losses[$0] != nil }
  }
}

extension WeightingRule {
  /// Batches that one update takes before accumulation: methods with independent samples take
  /// several.
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
    // As the gradients: over all micro-batches, those without the task's label included.
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

  /// Σ of those of the present losses, each times its factor.
  func combined(_ factors: [Double], _ present: [Int], _ context: UpdateContext) -> [Tensor?] {
    var total = GradientSums(count: context.parts.heads.count)
    for (i, factor) in zip(present, factors) { total.add(sums[i].sums, times: factor) }
    return total.sums
  }
}
