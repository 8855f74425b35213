/// What happened in one update: a line of `steps.jsonl`.
public struct StepRecord: Codable, Equatable, Sendable {
  public var epoch: Int
  /// Counted over the whole run, from 0.
  public var step: Int
  /// Each raw loss by name: the tasks', and the detection loss's three terms. A task without a
  /// label in the batch is missing.
  public var losses: [String: Double]
  /// The weight of each task that was present.
  public var weights: [String: Double]
  /// σ of each task, where the weighting learns one.
  public var sigmas: [String: Double]?
  /// The balanced loss whose gradient was taken.
  public var total: Double
  public var learningRate: Double
  /// ‖∇‖ of each task's loss on the shared features, when recorded.
  public var gradientNorms: [String: Double]?
  /// The cosine between two tasks' gradients on the shared features, by `"a,b"`, when recorded.
  public var cosines: [String: Double]?
  public var milliseconds: Double
}
