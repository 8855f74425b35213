import AthanorBalancing
import AthanorCore
import AthanorExperiment
import AthanorTasks
import AthanorTensor
import AthanorTraining

/// The implementation of `athanor balance`: replays recorded training under a weighting.
public struct Balancing {
  /// What was recorded, in double precision.
  public struct Recording {
    /// `[steps, tasks]`; NaN where a task is absent.
    public var losses: Tensor
    /// ∇L: `[steps, tasks, parameters]`; `[steps, samples, tasks, parameters]` for methods that
    /// take several batches per step; `[steps, tasks, …]`, shaped like the features, for methods
    /// that merge on features.
    public var gradients: Tensor?
    /// The losses of the same batches after each step.
    public var after: Tensor?
    /// The random draws of the method, one row per step.
    public var noise: Tensor?
    /// `[steps, batch, …]`, or `[steps, n]` for a batch of one.
    public var features: Tensor?

    public init(losses: Tensor) { self.losses = losses }
  }

  /// The weights `[steps, tasks]` that were applied at each step, before the step's update of the
  /// method's state, and the merged gradient `[steps, parameters]` where gradients were given.
  public struct Result {
    public var weights: Tensor
    public var merged: Tensor?
  }

  private let weighting: any Weighting
  private let name: String
  private let stepsPerEpoch: Int?
  /// The kind of each task: `classification` or `regression`.
  private let kinds: [String]?

  /// Overrides are options of the method, `stepsPerEpoch` and `kinds`.
  ///
  /// Errors: `SettingsError` for an unknown name or option.
  public init(_ name: String, overrides: [Override] = []) throws {
    self.name = name
    var tree = Settings.selection(name: name, options: [])
    var (steps, kinds): (Int?, [String]?) = (nil, nil)
    for override in overrides {
      switch override.path {
      case ["stepsPerEpoch"]:
        let count = try override.value.decoded(as: Int.self, at: "--set stepsPerEpoch")
        try requireAtLeast(1, count, "--set stepsPerEpoch")
        steps = count
      case ["kinds"]: kinds = try override.value.decoded(as: [String].self, at: "--set kinds")
      default: tree = try override.applied(to: tree)
      }
    }
    guard case .selection(let chosen, let options) = tree else {
      throw SettingsError(key: "--set", expected: "options of \(name)", received: "another value")
    }
    (stepsPerEpoch, self.kinds) = (steps, kinds)
    weighting = try weightings.make(Selection(chosen, options), at: chosen)
  }

  /// Errors: `SettingsError` that names the array and what was expected and received;
  /// `WeightingError` for a gradient that is not finite.
  ///
  /// - `seed`: The seed of the random numbers that are not recorded.
  public func callAsFunction(_ recording: Recording, seed: Int = 0) throws -> Result {
    let losses = recording.losses
    guard losses.rank == 2, losses.shape[1] > 0 else {
      throw SettingsError(
        key: "--losses", expected: "shape [steps, tasks]", received: "shape \(losses.shape)")
    }
    let (steps, count) = (losses.shape[0], losses.shape[1])
    let tasks = try makeTasks(count)
    try check(recording, steps, count)
    let noise = RandomSource(seed: seed)
    try weighting.begin(tasks, noise)
    var weights: [Double] = []
    var merged: [Double] = []
    var epochLosses: [[Double?]] = []
    for step in 0..<steps {
      let values = row(losses, step).map { $0.isNaN ? nil : $0 }
      noise.begin(step: step, recorded: recording.noise.map { row($0, step) })
      let result = try replay(recording, step, values, tasks.map(\.name))
      try check(noise, of: recording, step)
      weights += result.weights.map { $0 ?? 0 }
      merged += result.merged ?? []
      if stepsPerEpoch != nil { epochLosses.append(values) }
      if let stepsPerEpoch, epochLosses.count == stepsPerEpoch {
        weighting.endEpoch(step / stepsPerEpoch, meanLosses: means(epochLosses, count))
        epochLosses = []
      }
    }
    return Result(
      weights: Tensor(weights, shape: [steps, count]),
      merged: recording.gradients == nil
        ? nil
        : Tensor(
          merged,
          shape: [steps, steps > 0 ? merged.count / steps : recording.gradients!.shape.last!]))
  }

  private func replay(
    _ recording: Recording, _ step: Int, _ losses: [Double?], _ names: [String]
  ) throws -> (weights: [Double?], merged: [Double]?) {
    let present = losses.indices.filter { losses[$0] != nil }
    /// The merged gradient as one vector, zeros where no task is present.
    func flat(_ gradient: [Tensor?], _ samples: [TaskGradients]) -> [Double] {
      gradient.first.flatMap { $0 }?.doubles
        ?? [Double](repeating: 0, count: samples[0].parameterCount)
    }
    switch weighting.rule {
    case .losses(let method):
      let weights = method.weights(losses)
      method.update(losses)
      if let after = recording.after, method.wantsLossesAfter {
        method.update(losses, after: row(after, step).map { $0.isNaN ? nil : $0 })
      }
      let merged = recording.gradients.map { gradients in
        let samples = taskGradients(gradients, step, present)
        return flat(samples[0].combination(present.map { weights[$0]! }), samples)
      }
      return (weights, merged)
    case .gradients(let method):
      let samples = taskGradients(recording.gradients!, step, present)
      let result = try method.combined(samples, losses: losses, names: names)
      var weights = [Double?](repeating: nil, count: losses.count)
      for (i, weight) in zip(present, result.weights) { weights[i] = weight }
      return (weights, flat(TaskGradients.merged(result, samples), samples))
    case .features(let method):
      let shape = batched(recording.features!.shape)
      let feature = Tensor(row(recording.features!, step), shape: shape)
      let gradients = present.map { task in
        [Optional(element(recording.gradients!, step, task, shape))]
      }
      let merged = gradients.isEmpty ? [nil] : method.merge(gradients, features: [feature])
      return (
        losses.map { $0.map { _ in present.count > 1 ? .nan : 1 } },
        (merged[0] ?? feature.zerosLike()).doubles
      )
    }
  }

  /// The gradients of the present tasks, one item per sample.
  private func taskGradients(_ gradients: Tensor, _ step: Int, _ present: [Int]) -> [TaskGradients]
  {
    let all = row(gradients, step)
    let (tasks, parameters) = (gradients.shape[gradients.rank - 2], gradients.shape.last!)
    return stride(from: 0, to: all.count, by: tasks * parameters).map { start in
      TaskGradients(
        present.map { task in
          [
            Tensor(
              Array(all[(start + task * parameters)...].prefix(parameters)), shape: [parameters])
          ]
        }, shapes: [[parameters]])
    }
  }

  private func element(_ array: Tensor, _ step: Int, _ task: Int, _ shape: [Int]) -> Tensor {
    let size = shape.reduce(1, *)
    return Tensor(Array(row(array, step)[(task * size)...].prefix(size)), shape: shape)
  }

  /// The shape of a step's features, with a batch size of 1 added where there is none.
  private func batched(_ shape: [Int]) -> [Int] {
    shape.count == 2 ? [1, shape[1]] : Array(shape.dropFirst())
  }

  private func row(_ array: Tensor, _ step: Int) -> [Double] {
    let size = array.shape.dropFirst().reduce(1, *)
    return Array(
      UnsafeBufferPointer(start: array.pointer(to: Double.self) + step * size, count: size))
  }

  private func means(_ rows: [[Double?]], _ count: Int) -> [Double?] {
    (0..<count).map { task in
      let values = rows.compactMap { $0[task] }
      return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
  }
}

extension Balancing {
  /// The tasks for this number of columns: those of the default configuration, or these with each
  /// of their losses separate; otherwise that many classifiers.
  private func makeTasks(_ count: Int) throws -> [BalancedTask] {
    let usual = ExperimentConfig().tasks
    let split = try usual.map { element in
      let options = try visionTasks.resolved(element.selection, at: element.name).options
      return Selection(
        element.selection.name,
        options.contains { $0.key == "split" } ? [.init("split", .bool(true))] : [])
    }
    let known = try [usual, split].map { tasks in
      BalancedTask.all(of: try tasks.elements.map { try NamedTask($0.name, $0.selection) })
    }
    let tasks =
      known.first { $0.count == count }
      ?? (0..<count).map { BalancedTask("task\($0)", .classification) }
    guard let kinds else { return tasks }
    guard kinds.count == count else {
      throw SettingsError(
        key: "--set kinds", expected: "a list of \(count)", received: "\(kinds.count)")
    }
    return try zip(tasks, kinds).map { task, kind in
      let named: [String: BalancedTask.Kind] = [
        "classification": .classification, "regression": .regression,
      ]
      guard let kind = named[kind] else {
        throw SettingsError(
          key: "--set kinds", expected: "classification or regression", received: "'\(kind)'",
          suggestion: nearestName(to: kind, among: named.keys.sorted()))
      }
      return BalancedTask(task.name, kind)
    }
  }

  /// Checks that the method drew exactly the recorded noise.
  private func check(_ noise: RandomSource, of recording: Recording, _ step: Int) throws {
    guard let shape = recording.noise?.shape, noise.drawCount > 0 else { return }
    let width = shape.dropFirst().reduce(1, *)
    guard noise.drawCount == width, noise.mismatch == nil else {
      throw SettingsError(
        key: "--noise",
        expected: noise.drawCount == width
          ? noise.mismatch ?? "" : "\(noise.drawCount) numbers a step, for \(name)",
        received: noise.drawCount == width ? "others at step \(step)" : "shape \(shape)")
    }
  }

  /// Checks that everything the method needs is given, in shapes that agree.
  private func check(_ recording: Recording, _ steps: Int, _ count: Int) throws {
    if type(of: weighting).followsEpochs, stepsPerEpoch == nil {
      throw SettingsError(
        key: "--set stepsPerEpoch", expected: "the steps of an epoch, for \(name)",
        received: "nothing")
    }
    if let place = recording.losses.doubles.firstIndex(where: \.isInfinite) {
      throw SettingsError(
        key: "--losses", expected: "finite losses, or NaN for an absent task",
        received: "infinity at step \(place / count)")
    }
    var (needsGradients, needsFeatures, needsAfter, samples) = (false, false, false, 1)
    switch weighting.rule {
    case .losses(let method): needsAfter = method.wantsLossesAfter
    case .gradients(let method): (needsGradients, samples) = (true, method.samples)
    case .features: (needsGradients, needsFeatures) = (true, true)
    }
    func demand(_ array: Tensor?, _ key: String, _ shape: [Int?]) throws {
      let words = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
      guard let array else {
        throw SettingsError(
          key: key, expected: "an array of shape [\(words)], for \(name)", received: "nothing")
      }
      guard array.rank == shape.count, zip(array.shape, shape).allSatisfy({ $1 == nil || $0 == $1 })
      else {
        throw SettingsError(
          key: key, expected: "shape [\(words)]", received: "shape \(array.shape)")
      }
    }
    if needsAfter { try demand(recording.after, "--losses-after", [steps, count]) }
    if needsFeatures {
      guard let features = recording.features else {
        throw SettingsError(
          key: "--features", expected: "the shared features [steps, batch, …], for \(name)",
          received: "nothing")
      }
      guard features.rank >= 2, features.shape[0] == steps else {
        throw SettingsError(
          key: "--features", expected: "shape [\(steps), batch, …]",
          received: "shape \(features.shape)")
      }
      try demand(
        recording.gradients, "--gradients", [steps, count] + features.shape.dropFirst().map { $0 })
    } else if needsGradients || recording.gradients != nil {
      try demand(
        recording.gradients, "--gradients",
        samples > 1 ? [steps, samples, count, nil] : [steps, count, nil])
    }
    if let gradients = recording.gradients, gradients.count == 0, steps > 0 {
      throw SettingsError(
        key: "--gradients", expected: "one parameter or more", received: "shape \(gradients.shape)")
    }
    if let noise = recording.noise, noise.rank < 2 || noise.shape[0] != steps {
      throw SettingsError(
        key: "--noise", expected: "shape [\(steps), …]", received: "shape \(noise.shape)")
    }
  }
}

extension Balancing.Recording {
  /// Reads the recording from `.npy` files of floating-point or integer elements.
  ///
  /// Errors: `FileError`, `ContentError`; `SettingsError` for another element type.
  public init(
    losses: String, gradients: String?, after: String?, noise: String?, features: String?
  ) throws {
    func read(_ path: String, _ key: String) throws -> Tensor {
      let array = try NumPyFile.read(path)
      guard let values = array.numbers else {
        throw SettingsError(
          file: path, key: key, expected: "an array of float32, float64, int32 or int64",
          received: "\(array.type)")
      }
      return Tensor(values, shape: array.shape)
    }
    self.init(losses: try read(losses, "--losses"))
    self.gradients = try gradients.map { try read($0, "--gradients") }
    self.after = try after.map { try read($0, "--losses-after") }
    self.noise = try noise.map { try read($0, "--noise") }
    self.features = try features.map { try read($0, "--features") }
  }
}

extension NumericArray {
  /// The elements as doubles.
  fileprivate var numbers: [Double]? {
    elements(as: Double.self) ?? elements(as: Float.self)?.map { Double($0) }
      ?? elements(as: Int64.self)?.map { Double($0) }
      ?? elements(as: Int32.self)?.map { Double($0) }
  }
}

extension Balancing {
  /// Replays a recording into `.npy` files of float64.
  public func write(_ recording: Recording, weights: String, merged: String?, seed: Int = 0) throws
  {
    let result = try self(recording, seed: seed)
    func write(_ tensor: Tensor, to path: String) throws {
      try NumPyFile.write(NumericArray(tensor.doubles, shape: tensor.shape), to: path)
    }
    try write(result.weights, to: weights)
    if let merged, let gradient = result.merged { try write(gradient, to: merged) }
  }
}
