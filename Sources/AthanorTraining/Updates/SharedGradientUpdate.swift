import AthanorBalancing
import AthanorTensor

/// Merges the tasks' gradients on the shared parameters. The forward pass is shared, and everything
/// above the shared part is differentiated once.
struct SharedGradientUpdate: Update {
  private let method: any GradientWeighting
  private let context: UpdateContext
  private(set) var sums: StepSums
  private var heads: HeadSums
  /// By the method's sample, then by loss.
  private var shared: [[GradientSums]]
  /// The sample that each micro-batch belongs to: as evenly as possible, since the number of
  /// batches in an epoch's last update may not be a multiple.
  private let sampleOf: [Int]
  private var next = 0

  init(_ method: any GradientWeighting, _ context: UpdateContext) {
    (self.method, self.context) = (method, context)
    sums = StepSums(tasks: context.names)
    heads = HeadSums(context)
    shared = (0..<method.samples).map { _ in
      context.names.map { _ in GradientSums(count: context.parts.shared.count) }
    }
    sampleOf = (0..<context.batches).map { $0 * method.samples / context.batches }
  }

  mutating func accumulate(_ pass: ForwardPass) {
    let found = pass.headGradients()
    sums.add(pass.values, pass.losses.terms)
    if context.recordsGradients { sums.add(found.map { $0?.features }) }
    heads.add(found, context)
    let sample = sampleOf[next]
    next += 1
    let share = 1 / Double(sampleOf.count { $0 == sample })
    for (i, part) in found.enumerated() {
      guard let part else { continue }
      shared[sample][i].add(pass.sharedGradient(part.features), times: share)
    }
  }

  mutating func combine() throws -> [Tensor?] {
    let (parts, present) = (context.parts, context.present(sums))
    let samples = shared.map { sample in
      TaskGradients(
        present.map { sample[$0].sums }, shapes: parts.sharedShapes, lastLayer: parts.lastLayer)
    }
    let result = try method.combined(samples, context, &sums)
    return parts.joined(
      shared: TaskGradients.merged(result, samples),
      heads: heads.combined(result.heads, present, context))
  }
}
