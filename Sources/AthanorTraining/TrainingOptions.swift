import AthanorCore

/// How long and in what steps a network is trained.
public struct TrainingOptions: Codable, Equatable, Sendable, DefaultInitializable {
  public var epochs = 30
  public var batchSize = 8
  /// Batches whose gradients are averaged into one update.
  public var accumulation = 1
  /// The largest joint L2 norm of all gradients; null for no limit.
  public var clipNorm: Double? = 10
  /// Updates over which the learning rate rises from 0.
  public var warmup = 100
  /// Epochs between evaluations on the validation set; the last epoch is always evaluated.
  public var evaluateEvery = 1
  /// Factors of the learning rate by a pattern of parameters' names: `{backbone.*: 0.1}`. Where
  /// several patterns match, the longest is used.
  public var learningRateFactors: [String: Double] = [:]
  /// The decay per update of an exponential moving average of the weights, which is then validated
  /// and saved as the best; null for no average.
  public var emaDecay: Double? = nil
  /// Updates between two records of each task's gradient on the shared features; 0 for never.
  public var recordGradientsEvery = 50
  /// The tasks' weights in the score that decides which epoch is best: the mean of their headline
  /// metrics as shares from 0 to 1. 1 for a task that is not named.
  public var bestBy: [String: Double] = [:]

  public init() {}

  private enum CodingKeys: String, CodingKey {
    case epochs
    case batchSize = "batch_size"
    case accumulation
    case clipNorm = "clip_norm"
    case warmup
    case learningRateFactors = "learning_rate_factors"
    case emaDecay = "ema_decay"
    case evaluateEvery = "evaluate_every"
    case recordGradientsEvery = "record_gradients_every"
    case bestBy = "best_by"
  }

  /// Throws `SettingsError` for a value out of range.
  public func validate(at key: String) throws {
    try requireAtLeast(1, epochs, "\(key).epochs")
    try requireAtLeast(1, batchSize, "\(key).batch_size")
    try requireAtLeast(1, accumulation, "\(key).accumulation")
    try requireAtLeast(0, warmup, "\(key).warmup")
    try requireAtLeast(1, evaluateEvery, "\(key).evaluate_every")
    try requireAtLeast(0, recordGradientsEvery, "\(key).record_gradients_every")
    for (pattern, factor) in learningRateFactors {
      try requireNotNegative(factor, "\(key).learning_rate_factors.\(pattern)")
    }
    if let emaDecay { try requireFraction(emaDecay, "\(key).ema_decay") }
    if let clipNorm { try requirePositive(clipNorm, "\(key).clip_norm") }
    for (task, weight) in bestBy { try requireNotNegative(weight, "\(key).best_by.\(task)") }
  }
}
