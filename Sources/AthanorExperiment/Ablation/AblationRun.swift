import AthanorCore

/// One planned run of an ablation.
public struct AblationRun: Sendable {
  /// The purpose of a run.
  public enum Role: String, Sendable {
    /// A combination of the grid.
    case method
    /// A point of fixed weights on the front.
    case front
    /// One task trained alone.
    case single
  }

  /// The differing values and the seed; also the name of the run's folder:
  /// `uncertainty-form-liebel_seed0`.
  public let id: String
  public let role: Role
  /// The method's label in the report: `uncertainty (form liebel), tasks.segmentation.loss dice`.
  public internal(set) var label = ""
  /// The method and its tuned values, in short form: `dice, learning_rate 0.003`.
  public let words: String
  public let seed: Int
  /// The configuration with every option written out.
  public let config: ExperimentConfig

  /// The values that the spec sets for this run; of two values for a key the last one counts.
  let choices: [Choice]
  /// The keys that affect the result: runs that agree in all of them are the same run.
  let signature: [String: String]
}
