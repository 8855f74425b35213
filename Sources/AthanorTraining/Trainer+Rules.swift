import AthanorBalancing
import AthanorData
import AthanorTensor

/// What an update descends, and what is worth writing down of it.
struct MergedStep {
  /// The gradient of every parameter.
  var gradient: [Tensor?]
  var sums: StepSums
}

extension Trainer {
  /// Batches that one update takes before accumulation: methods with independent samples take several.
  public var batchesPerUpdate: Int {
    guard case .gradients(let method) = weighting.rule else { return 1 }
    return method.samples
  }

  /// How often an update goes back through the shared part.
  public var backwardPasses: Int {
    let batches = options.accumulation * batchesPerUpdate
    guard case .gradients(let method) = weighting.rule, !method.usesFeatures else { return batches }
    return batches * tasks.count
  }

  /// The merged gradient of the micro-batches, by whatever the weighting needs.
  func merged(_ batches: [Batch], recordsGradients: Bool) throws -> MergedStep {
    switch weighting.rule {
    case .losses(let method): try merged(method, batches, recordsGradients)
    case .gradients(let method): try merged(method, batches, recordsGradients)
    case .features(let method): try merged(method, batches, recordsGradients)
    }
  }

  private func forward(_ batch: Batch) throws -> (pass: ForwardPass, values: [Double?]) {
    let pass = ForwardPass(
      network, parts, objective, batch, epoch: progress.epoch, mode: .training(momentum: 0.1))
    return (pass, try finite(pass.losses))
  }

  private func merged(
    _ method: any LossWeighting, _ batches: [Batch], _ recordsGradients: Bool
  ) throws -> MergedStep {
    var sums = StepSums(tasks: tasks.map(\.name))
    var gradient = GradientSums(count: parts.all.count)
    for batch in batches {
      let (pass, values) = try forward(batch)
      // Each micro-batch of a step sees the same random numbers.
      noise.begin(step: progress.step)
      let weights = method.weights(values)
      sums.add(values, pass.losses.terms)
      sums.add(weights: weights, values, method.regularizer(values))
      if recordsGradients {
        sums.add(
          pass.losses.tasks.map { loss in loss.map { gradients(of: $0, for: pass.features) } })
      }
      gradient.add(pass.gradient(weights: weights), times: 1 / Double(batches.count))
    }
    return MergedStep(gradient: gradient.sums, sums: sums)
  }

  /// Per-task gradients share the forward pass; everything above the shared part is differentiated once.
  private func merged(
    _ method: any GradientWeighting, _ batches: [Batch], _ recordsGradients: Bool
  ) throws -> MergedStep {
    if method.usesFeatures { return try mergedOnFeatures(method, batches, recordsGradients) }
    var sums = StepSums(tasks: tasks.map(\.name))
    // As even as it goes: an epoch's last update may have a number that is no multiple.
    let sampleOf = batches.indices.map { $0 * method.samples / batches.count }
    var shared = (0..<method.samples).map { _ in
      tasks.map { _ in GradientSums(count: parts.shared.count) }
    }
    var heads = tasks.map { _ in GradientSums(count: parts.heads.count) }
    for (k, batch) in batches.enumerated() {
      let (pass, values) = try forward(batch)
      let found = pass.headGradients()
      sums.add(values, pass.losses.terms)
      if recordsGradients { sums.add(found.map { $0?.features }) }
      for (i, part) in found.enumerated() {
        guard let part else { continue }
        heads[i].add(part.heads, times: 1 / Double(batches.count))
        shared[sampleOf[k]][i].add(
          pass.sharedGradient(part.features),
          times: 1 / Double(sampleOf.count { $0 == sampleOf[k] }))
      }
    }
    let samples = shared.map { sample in
      TaskGradients(
        present(sums).map { sample[$0].sums }, shapes: parts.sharedShapes,
        lastLayer: parts.lastLayer)
    }
    let result = try combined(method, samples, &sums)
    var gradient = GradientSums(count: parts.all.count)
    gradient.add(spread(TaskGradients.merged(result, samples), at: parts.shared), times: 1)
    add(heads, result.heads, sums, to: &gradient)
    return MergedStep(gradient: gradient.sums, sums: sums)
  }

  /// The features of all micro-batches are what the tasks' gradients are on; then one way through the shared
  /// part.
  private func mergedOnFeatures(
    _ method: any GradientWeighting, _ batches: [Batch], _ recordsGradients: Bool
  ) throws -> MergedStep {
    var sums = StepSums(tasks: tasks.map(\.name))
    var heads = tasks.map { _ in GradientSums(count: parts.heads.count) }
    var rows = tasks.map { _ in [Tensor?]() }
    var passes: [ForwardPass] = []
    for batch in batches {
      let (pass, values) = try forward(batch)
      let found = pass.headGradients()
      sums.add(values, pass.losses.terms)
      if recordsGradients { sums.add(found.map { $0?.features }) }
      for (i, part) in found.enumerated() {
        rows[i] += part?.features ?? pass.features.map { _ in nil }
        if let part { heads[i].add(part.heads, times: 1 / Double(batches.count)) }
      }
      passes.append(pass)
    }
    let sample = TaskGradients(
      present(sums).map { rows[$0] }, shapes: passes.flatMap { $0.features.map(\.shape) })
    let result = try combined(method, [sample], &sums)
    var seeds = TaskGradients.merged(result, [sample])[...]
    var gradient = GradientSums(count: parts.all.count)
    for pass in passes {
      let own = Array(seeds.prefix(pass.features.count))
      seeds = seeds.dropFirst(pass.features.count)
      gradient.add(
        spread(pass.sharedGradient(own), at: parts.shared), times: 1 / Double(passes.count))
    }
    add(heads, result.heads, sums, to: &gradient)
    return MergedStep(gradient: gradient.sums, sums: sums)
  }

  private func present(_ sums: StepSums) -> [Int] {
    let losses = sums.meanTaskLosses
    return tasks.indices.filter { losses[$0] != nil }
  }

  /// Merges, and writes down the weights.
  private func combined(
    _ method: any GradientWeighting, _ samples: [TaskGradients], _ sums: inout StepSums
  ) throws -> MergedGradient {
    noise.begin(step: progress.step)
    // As the gradients: over all micro-batches, those without the task's label included.
    let losses = sums.taskLossesOverAll
    let regularizer = method.regularizer(losses)
    let result = try method.combined(samples, losses: losses, names: tasks.map(\.name))
    var weights = tasks.map { _ in Double?.none }
    for (i, weight) in zip(present(sums), result.weights) { weights[i] = weight }
    sums.add(weights: weights, losses, regularizer)
    return result
  }

  private func add(
    _ heads: [GradientSums], _ weights: [Double], _ sums: StepSums,
    to gradient: inout GradientSums
  ) {
    for (i, weight) in zip(present(sums), weights) {
      gradient.add(spread(heads[i].sums, at: parts.heads), times: weight)
    }
  }

  private func merged(
    _ method: any FeatureWeighting, _ batches: [Batch], _ recordsGradients: Bool
  ) throws -> MergedStep {
    var sums = StepSums(tasks: tasks.map(\.name))
    var gradient = GradientSums(count: parts.all.count)
    let share = 1 / Double(batches.count)
    for batch in batches {
      let (pass, values) = try forward(batch)
      let found = pass.headGradients()
      sums.add(values, pass.losses.terms)
      let isAlone = values.count { $0 != nil } == 1
      sums.add(weights: values.map { $0.map { _ in isAlone ? 1 : .nan } }, values, 0)
      if recordsGradients { sums.add(found.map { $0?.features }) }
      noise.begin(step: progress.step)
      let present = found.compactMap { $0 }
      guard !present.isEmpty else { continue }
      let seeds = method.merge(present.map(\.features), features: pass.features)
      gradient.add(spread(pass.sharedGradient(seeds), at: parts.shared), times: share)
      for part in present { gradient.add(spread(part.heads, at: parts.heads), times: share) }
    }
    return MergedStep(gradient: gradient.sums, sums: sums)
  }

  /// Gradients of some parameters among all.
  private func spread(_ gradients: [Tensor?], at places: [Int]) -> [Tensor?] {
    var all = [Tensor?](repeating: nil, count: parts.all.count)
    for (place, gradient) in zip(places, gradients) { all[place] = gradient }
    return all
  }

  /// Lets the method move after the update, where it wants to with the losses of the same batches again.
  func updateWeighting(_ losses: [Double?], _ batches: [Batch]) {
    guard case .losses(let method) = weighting.rule else { return }
    method.update(losses)
    guard method.wantsLossesAfter else { return }
    var sums = StepSums(tasks: tasks.map(\.name))
    Tape.paused {
      for batch in batches {
        let pass = ForwardPass(
          network, parts, objective, batch, epoch: progress.epoch, mode: .batchStatistics)
        sums.add(pass.losses.tasks.map { $0?.scalar }, pass.losses.terms)
      }
    }
    method.update(losses, after: sums.meanTaskLosses)
  }
}
