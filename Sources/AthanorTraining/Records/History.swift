/// What a run's epochs brought, as Keras's `History`.
public struct History: Codable, Equatable, Sendable {
  public var epochs: [EpochRecord] = []

  public init() {}

  /// The epoch with the best score on the validation set, the earliest of equal ones.
  public var best: EpochRecord? {
    epochs.filter { $0.score != nil }.reduce(nil) { best, epoch in
      best.map { epoch.score! > $0.score! ? epoch : $0 } ?? epoch
    }
  }
}

/// One epoch: a row of `history.csv`.
public struct EpochRecord: Codable, Equatable, Sendable {
  /// Counted from 1.
  public var epoch: Int
  /// Updates since the run began.
  public var step: Int
  /// The mean of each raw loss over the epoch's batches in which its task was present.
  public var losses: [String: Double]
  /// The mean of the balanced loss.
  public var total: Double
  /// The mean weight of each task.
  public var weights: [String: Double]
  /// σ of each task after the epoch, where the weighting learns one.
  public var sigmas: [String: Double]?
  /// Validation metrics by name (`mIoU`, `AP50`, …), on epochs that were evaluated.
  public var metrics: [String: Double]
  /// What the best checkpoint is chosen by; nil where the epoch was not evaluated.
  public var score: Double?
  public var learningRate: Double
  public var seconds: Double
}
