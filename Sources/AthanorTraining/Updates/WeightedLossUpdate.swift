import AthanorBalancing
import AthanorTensor

/// The gradient of Σ wᵢLᵢ: one backward pass per micro-batch.
struct WeightedLossUpdate: Update {
  private let method: any LossWeighting
  private let context: UpdateContext
  private(set) var sums: StepSums
  private var gradient: GradientSums

  init(_ method: any LossWeighting, _ context: UpdateContext) {
    (self.method, self.context) = (method, context)
    sums = StepSums(tasks: context.names)
    gradient = GradientSums(count: context.parts.all.count)
  }

  mutating func accumulate(_ pass: ForwardPass) {
    context.beginRandomNumbers()
    let weights = method.weights(pass.values)
    sums.add(pass.values, pass.losses.terms)
    sums.add(weights: weights, pass.values, method.regularizer(pass.values))
    if context.recordsGradients { sums.add(pass.featureGradients()) }
    gradient.add(pass.gradient(weights: weights), times: context.share)
  }

  func combine() -> [Tensor?] { gradient.sums }
}
