import AthanorBalancing
import AthanorTensor

/// Merges the tasks' gradients on the shared features of all micro-batches, then runs one backward
/// pass through the shared part.
struct JointFeatureUpdate: Update {
  private let method: any GradientWeighting
  private let context: UpdateContext
  private(set) var sums: StepSums
  private var heads: HeadSums
  private var rows: [[Tensor?]]
  private var passes: [ForwardPass] = []

  init(_ method: any GradientWeighting, _ context: UpdateContext) {
    (self.method, self.context) = (method, context)
    sums = StepSums(tasks: context.names)
    heads = HeadSums(context)
    rows = context.names.map { _ in [] }
  }

  mutating func accumulate(_ pass: ForwardPass) {
    let found = pass.headGradients()
    sums.add(pass.values, pass.losses.terms)
    if context.recordsGradients { sums.add(found.map { $0?.features }) }
    heads.add(found, context)
    for (i, part) in found.enumerated() {
      rows[i] += part?.features ?? pass.features.map { _ in nil }
    }
    passes.append(pass)
  }

  mutating func combine() throws -> [Tensor?] {
    let present = context.present(sums)
    let sample = TaskGradients(
      present.map { rows[$0] }, shapes: passes.flatMap { $0.features.map(\.shape) })
    let result = try method.combined([sample], context, &sums)
    var seeds = TaskGradients.merged(result, [sample])[...]
    var shared = GradientSums(count: context.parts.shared.count)
    for pass in passes {
      shared.add(
        pass.sharedGradient(Array(seeds.prefix(pass.features.count))), times: context.share)
      seeds = seeds.dropFirst(pass.features.count)
    }
    return context.parts.joined(
      shared: shared.sums, heads: heads.combined(result.heads, present, context))
  }
}
