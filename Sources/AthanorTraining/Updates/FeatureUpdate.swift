import AthanorBalancing
import AthanorTensor

/// Merges the tasks' gradients on the shared features in each micro-batch, element by element.
struct FeatureUpdate: Update {
  private let method: any FeatureWeighting
  private let context: UpdateContext
  private(set) var sums: StepSums
  private var shared: GradientSums
  private var heads: GradientSums

  init(_ method: any FeatureWeighting, _ context: UpdateContext) {
    (self.method, self.context) = (method, context)
    sums = StepSums(tasks: context.names)
    shared = GradientSums(count: context.parts.shared.count)
    heads = GradientSums(count: context.parts.heads.count)
  }

  mutating func accumulate(_ pass: ForwardPass) {
    let found = pass.headGradients()
    sums.add(pass.values, pass.losses.terms)
    let isAlone = pass.values.count { $0 != nil } == 1
    sums.add(weights: pass.values.map { $0.map { _ in isAlone ? 1 : .nan } }, pass.values, 0)
    if context.recordsGradients { sums.add(found.map { $0?.features }) }
    context.beginRandomNumbers()
    let present = found.compactMap { $0 }
    guard !present.isEmpty else { return }
    let seeds = method.merge(present.map(\.features), features: pass.features)
    shared.add(pass.sharedGradient(seeds), times: context.share)
    for part in present { heads.add(part.heads, times: context.share) }
  }

  func combine() -> [Tensor?] { context.parts.joined(shared: shared.sums, heads: heads.sums) }
}
