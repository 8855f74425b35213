import AthanorCore
import AthanorNetworks
import AthanorTensor

extension Trainer {
  /// Restores a saved state of a run with this many batches per epoch.
  ///
  /// Errors: throws `ContentError`, naming `file` and the entry, where an entry is missing, of
  /// another shape or type, out of its range, or unknown to this trainer, which is then unchanged.
  public func restore(
    _ tensors: [String: Tensor], _ progress: TrainingState.Progress, batchesPerEpoch: Int,
    from file: String
  ) throws {
    if let mismatch = mismatch(of: progress, batchesPerEpoch) {
      throw ContentError(
        path: file, key: "'__metadata__.progress'", expected: mismatch.expected,
        received: mismatch.received)
    }
    func saved(_ prefix: String) -> [String: Tensor] {
      let entries = tensors.filter { $0.key.hasPrefix(prefix) }
      return Dictionary(
        uniqueKeysWithValues: entries.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
    }
    let (rule, method) = (saved("optimizer."), saved("weighting."))
    try check(
      rule, "optimizer.", against: optimizer.state, file,
      range: { optimizer.range(ofState: $0, after: progress.step) })
    try check(
      method.filter { !isPerParameterState($0.key) }, "weighting.",
      against: weighting.state.filter { !isPerParameterState($0.key) }, file,
      range: { weighting.range(ofState: $0, after: progress.step) })
    try checkPerParameterState(method, after: progress.step, file)
    let averages = saved(TrainingState.averagePrefix)
    try check(
      averages, TrainingState.averagePrefix, against: average?.state ?? [:], file,
      range: { _ in .finite })
    try network.load(tensors, from: file)
    average?.state = averages
    optimizer.state = rule
    weighting.state = method
    self.progress = progress
  }

  /// Throws unless `saved` has exactly the entries of `own`.
  private func check(
    _ saved: [String: Tensor], _ prefix: String, against own: [String: Tensor], _ file: String,
    range: (String) -> StateRange
  ) throws {
    for name in Set(own.keys).union(saved.keys).sorted() {
      let entry = prefix + name
      guard let current = own[name] else {
        throw ContentError(
          path: file, key: "'\(entry)'", expected: "no such entry", received: "\(saved[name]!)")
      }
      guard let tensor = saved[name] else {
        throw ContentError(
          path: file, key: "'\(entry)'", expected: "\(current.dtype) of shape \(current.shape)",
          received: "a file without it")
      }
      try range(name).check(tensor, against: current, entry: entry, file: file)
    }
  }

  private func isPerParameterState(_ name: String) -> Bool {
    type(of: weighting).perParameterState.contains { name.hasPrefix("\($0).") }
  }

  /// Checks a weighting's state per task and shared parameter, entries of which may be missing.
  private func checkPerParameterState(
    _ saved: [String: Tensor], after updates: Int, _ file: String
  ) throws {
    let shapes = parts.sharedShapes
    for (name, tensor) in saved where isPerParameterState(name) {
      let words = name.split(separator: ".", omittingEmptySubsequences: false)
      let indices = words.dropFirst().compactMap { Int($0) }
      guard words.count == 3, indices.count == 2, tasks.indices.contains(indices[0]),
        shapes.indices.contains(indices[1])
      else {
        throw ContentError(
          path: file, key: "'weighting.\(name)'",
          expected: "an entry of one of \(tasks.count) tasks and \(shapes.count) parameters",
          received: "\(tensor)")
      }
      try weighting.range(ofState: String(words[0]), after: updates).check(
        tensor, against: parts.shared[indices[1]].parameter.value, entry: "weighting.\(name)",
        file: file)
    }
  }

  /// What is expected of the progress of a run of this trainer, where it does not match; else nil.
  private func mismatch(
    of progress: TrainingState.Progress, _ batchesPerEpoch: Int
  ) -> (expected: String, received: String)? {
    let perUpdate = options.accumulation * batchesPerUpdate
    let perEpoch = updates(of: batchesPerEpoch)
    let epochs = progress.history.epochs
    guard progress.epoch == epochs.count else {
      return ("as many epochs as its history has, \(epochs.count)", "epoch \(progress.epoch)")
    }
    for (i, record) in epochs.enumerated()
    where record.epoch != i + 1 || record.step != (i + 1) * perEpoch {
      return (
        "epoch \(i + 1) in its history to end after update \((i + 1) * perEpoch)",
        "epoch \(record.epoch) after update \(record.step)"
      )
    }
    guard (0...batchesPerEpoch).contains(progress.batch),
      progress.batch % perUpdate == 0 || progress.batch == batchesPerEpoch
    else {
      return (
        "whole updates of \(perUpdate) of the epoch's \(batchesPerEpoch) batches",
        "batch \(progress.batch)"
      )
    }
    let current = (progress.batch + perUpdate - 1) / perUpdate
    guard progress.step == epochs.count * perEpoch + current else {
      return ("update \(epochs.count * perEpoch + current)", "update \(progress.step)")
    }
    guard progress.sums.isWhole(after: current) else {
      return ("sums over \(current) updates of the epoch", "sums that are not")
    }
    if let peak = progress.peakBytes, !(0...(1 << 50)).contains(peak) {
      return ("peakBytes from 0 to 2⁵⁰", "\(peak)")
    }
    return progress.history.mismatch(
      tasks: tasks.map(\.name),
      shares: objective.tasks.flatMap { task in
        task.metrics.filter { $0.scale == .share }.map { task.named.qualified($0) }
      })
  }
}
