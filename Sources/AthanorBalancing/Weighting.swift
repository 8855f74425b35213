import AthanorCore

/// One of the tasks whose losses are combined.
public struct Task: Equatable, Sendable {
  /// Whether the loss is a classifier's or a regressor's: Kendall's weighting tells them apart.
  public enum Kind: Sendable { case classification, regression }

  public let name: String
  public let kind: Kind

  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// A method that combines the losses of several tasks into one update.
///
/// Partial labels: a task without a target in the batch is absent, its loss nil. It takes no weight,
/// and no state of it moves.
public protocol Weighting: AnyObject, Registered {
  /// What the trainer must measure for the method beyond the losses themselves.
  var needs: WeightingNeeds { get }

  /// Whether the method's weights sum to T or average over tasks; it matters for learning rates.
  static var scale: WeightingScale { get }

  /// Called once, before anything else. Throws `SettingsError` for options that name other tasks.
  func begin(_ tasks: [Task]) throws

  /// The coefficient of each loss for this step, nil where it is absent.
  func weights(_ losses: [Double?]) -> [Double?]

  /// The weight of each task, where no step ever changes it; known after `begin`.
  var constants: [Double]? { get }

  /// What the method adds to Σ wᵢLᵢ: the regulariser of learned weights. Only logged: the method
  /// takes its gradient itself.
  func regularizer(_ losses: [Double?]) -> Double

  /// Moves the method's own parameters after the step whose losses these were.
  func update(_ losses: [Double?])

  /// Told at the end of each epoch, counted from 0, with the epoch's mean losses.
  func endEpoch(_ epoch: Int, meanLosses: [Double?])

  /// σ of each task, where the method learns one.
  var sigmas: [Double]? { get }

  /// Everything that moves, by name, one value a task or more: saved for an exact resume.
  var state: [String: [Double]] { get set }
}

extension Weighting {
  public var needs: WeightingNeeds { .losses }
  public static var scale: WeightingScale { .sum }
  public var constants: [Double]? { nil }
  public func regularizer(_ losses: [Double?]) -> Double { 0 }
  public func update(_ losses: [Double?]) {}
  public func endEpoch(_ epoch: Int, meanLosses: [Double?]) {}
  public var sigmas: [Double]? { nil }
  public var state: [String: [Double]] {
    get { [:] }
    set {}
  }
}

/// What a method must be given.
public enum WeightingNeeds: Sendable {
  /// The losses: one backward pass.
  case losses
  /// Each task's gradient on the shared parameters: a pass a task through the shared part.
  case gradients
  /// Each task's gradient on the shared features: a pass a task through the heads.
  case features
}

/// How a method's weights relate to the number of tasks.
public enum WeightingScale: String, Sendable { case sum, average }

/// Every weighting by name.
public let weightings = Registry<any Weighting>(
  kind: "weighting", [.init(FixedWeighting.self) { $0 }, .init(UncertaintyWeighting.self) { $0 }])
