import AthanorCore

/// One run of an ablation, as it is planned.
public struct AblationRun: Sendable {
  /// What the run is there for.
  public enum Role: String, Sendable {
    /// A combination of the grid.
    case method
    /// A pair of fixed weights.
    case front
    /// One task alone.
    case single
  }

  /// What differs, and the seed; also the name of the run's folder: `uncertainty-form-liebel_seed0`.
  public let id: String
  public let role: Role
  /// What the report calls the method: `uncertainty (form liebel), tasks.segmentation.loss dice`.
  public internal(set) var label = ""
  /// The method and its tuned values, short: `dice, learning_rate 0.003`.
  public let words: String
  public let seed: Int
  /// With every option written out.
  public let config: ExperimentConfig

  /// What the spec says of this run; of two values for a key the last one counts.
  let choices: [Choice]
  /// The keys that decide what is computed: runs that agree here are the same run.
  let signature: [String: String]
}
