import AthanorTensor

/// Everything a run needs to resume as if it had never stopped.
///
/// Random numbers are determined by seed, epoch and sample, so no state of theirs is saved.
public struct TrainingState: Sendable {
  /// How far the run is, and the sums of the current epoch.
  public struct Progress: Codable, Equatable, Sendable {
    /// Epochs finished.
    public var epoch = 0
    /// Batches used in the current epoch.
    public var batch = 0
    /// Updates so far.
    public var step = 0
    public var history = History()
    public var sums = EpochSums()
    /// The most tensor memory in use at once, over all attempts; nil in checkpoints without it.
    public var peakBytes: Int?

    public init() {}
  }

  public var progress: Progress
  /// The network, the optimizer (`optimizer.…`), the weighting (`weighting.…`) and the average of
  /// the weights (`average.…`).
  public var tensors: [(name: String, tensor: Tensor)]

  static let averagePrefix = "average."

  /// The network to use: the averages where there are any.
  public var weights: [(name: String, tensor: Tensor)] {
    let used = Self.averaged(
      Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) }))
    let others = ["optimizer.", "weighting.", Self.averagePrefix]
    return tensors.filter { tensor in !others.contains { tensor.name.hasPrefix($0) } }
      .map { ($0.name, used[$0.name]!) }
  }

  /// A checkpoint's tensors with the averages under their parameters' names, where there are any:
  /// the averages are what was validated.
  public static func averaged(_ tensors: [String: Tensor]) -> [String: Tensor] {
    var used = tensors
    for (name, average) in tensors where name.hasPrefix(averagePrefix) {
      used[String(name.dropFirst(averagePrefix.count))] = average
      used[name] = nil
    }
    return used
  }

  public init(progress: Progress, tensors: [(name: String, tensor: Tensor)]) {
    self.progress = progress
    self.tensors = tensors
  }
}

/// Running sums over the steps of an epoch.
public struct EpochSums: Codable, Equatable, Sendable {
  private var losses: [String: Double] = [:]
  private var lossCounts: [String: Int] = [:]
  private var weights: [String: Double] = [:]
  private var weightCounts: [String: Int] = [:]
  private var total = 0.0
  private var steps = 0
  public private(set) var seconds = 0.0
  /// The learning rate of the last step.
  public private(set) var lastLearningRate = 0.0

  public init() {}

  mutating func add(_ record: StepRecord) {
    for (name, loss) in record.losses {
      losses[name, default: 0] += loss
      lossCounts[name, default: 0] += 1
    }
    for (name, weight) in record.weights {
      weights[name, default: 0] += weight
      weightCounts[name, default: 0] += 1
    }
    total += record.total
    steps += 1
    seconds += record.milliseconds / 1000
    lastLearningRate = record.learningRate
  }

  /// Whether these can be the sums over so many updates.
  func isWhole(after updates: Int) -> Bool {
    let counts = Array(lossCounts.values) + weightCounts.values
    return steps == updates && seconds >= 0 && Set(losses.keys) == Set(lossCounts.keys)
      && Set(weights.keys) == Set(weightCounts.keys)
      && counts.allSatisfy { $0 >= 1 && $0 <= updates }
  }

  public var meanLosses: [String: Double] {
    losses.reduce(into: [:]) { $0[$1.key] = $1.value / Double(lossCounts[$1.key]!) }
  }

  public var meanWeights: [String: Double] {
    weights.reduce(into: [:]) { $0[$1.key] = $1.value / Double(weightCounts[$1.key]!) }
  }

  public var meanTotal: Double { total / Double(max(1, steps)) }
}
