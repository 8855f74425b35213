import AthanorCore
import AthanorTensor

/// One of the tasks whose losses are combined.
public struct BalancedTask: Equatable, Sendable {
  /// Whether the loss is one of classification or of regression, which Kendall's weighting treats
  /// differently.
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
/// A method is a `LossWeighting`, a `GradientWeighting` or a `FeatureWeighting`, by what it
/// needs; `rule` says which.
///
/// Partial labels: a task without a target in the batch is absent, and its loss is nil. It gets no
/// weight, T is the number of the present tasks, and its state is unchanged.
public protocol Weighting: AnyObject, Registered {
  /// The method by what it needs.
  var rule: WeightingRule { get }

  /// Whether the merged gradient is a sum over tasks or an average; it matters for learning rates.
  static var scale: WeightingScale { get }

  /// Whether the weights depend on the epochs' mean losses.
  static var followsEpochs: Bool { get }

  /// Called once, before anything else. Throws `SettingsError` for options that name other tasks.
  func begin(_ tasks: [BalancedTask], _ random: RandomSource) throws

  /// Called at the end of each epoch, counted from 0, with the epoch's mean losses, nil for a task
  /// that was in no batch.
  func endEpoch(_ epoch: Int, meanLosses: [Double?])

  /// The weight of each task, where it never changes; known after `begin`.
  var constants: [Double]? { get }

  /// σ of each task, where the method learns one.
  var sigmas: [Double]? { get }

  /// The state that a run saves to be resumed exactly, by name.
  var state: [String: Tensor] { get set }

  /// Each NAME whose entries in `state` are `NAME.TASK.PARAMETER`: state per task and shared
  /// parameter, which is there once the task has had a gradient on the parameter.
  static var perParameterState: [String] { get }

  /// The possible values of an entry of `state` after so many updates.
  func range(ofState entry: String, after updates: Int) -> StateRange
}

extension Weighting {
  public static var scale: WeightingScale { .sum }
  public static var followsEpochs: Bool { false }
  public var constants: [Double]? { nil }
  public func endEpoch(_ epoch: Int, meanLosses: [Double?]) {}
  public var sigmas: [Double]? { nil }
  public var state: [String: Tensor] {
    get { [:] }
    set {}
  }
  public static var perParameterState: [String] { [] }
  public func range(ofState entry: String, after updates: Int) -> StateRange { .finite }
  /// As above, with random numbers of seed 0.
  public func begin(_ tasks: [BalancedTask]) throws { try begin(tasks, RandomSource(seed: 0)) }
}

/// What a method needs, and the method.
public enum WeightingRule {
  /// The losses: one backward pass.
  case losses(any LossWeighting)
  /// Each task's gradient on the shared parameters: one backward pass per task through the
  /// shared part.
  case gradients(any GradientWeighting)
  /// Each task's gradient on the shared features: one backward pass per task through the heads
  /// alone.
  case features(any FeatureWeighting)

  /// What is needed, as tables show it.
  public var name: String {
    switch self {
    case .losses(let method): method.wantsLossesAfter ? "losses before and after" : "losses"
    case .gradients(let method):
      (method.usesFeatures ? "features" : "gradients")
        + (method.samples > 1 ? " of \(method.samples) batches" : "")
    case .features: "features"
    }
  }
}

/// How a method's merged gradient relates to the number of tasks.
public enum WeightingScale: String, Sendable { case sum, average }

/// A step that a method cannot take.
public enum WeightingError: Error, Equatable, CustomStringConvertible {
  /// A task's gradient contains NaN or infinity.
  case nonFiniteGradient(task: String)

  public var description: String {
    switch self {
    case .nonFiniteGradient(let task):
      "weighting: expected finite gradients, received NaN or infinity in that of '\(task)'"
    }
  }
}

/// Every weighting by name.
public let weightings = Registry<any Weighting>(
  kind: "weighting",
  [
    .init(FixedWeighting.self) { $0 },
    .init(UncertaintyWeighting.self) { $0 },
    .init(DynamicWeightAverage.self) { $0 },
    .init(RandomLossWeighting.self) { $0 },
    .init(GeometricLossStrategy.self) { $0 },
    .init(ScaleInvariantWeighting.self) { $0 },
    .init(ImpartialLossWeighting.self) { $0 },
    .init(FAMO.self) { $0 },
    .init(SmoothTchebycheff.self) { $0 },
    .init(GradNorm.self) { $0 },
    .init(ExcessRiskWeighting.self) { $0 },
    .init(MGDA.self) { $0 },
    .init(PCGrad.self) { $0 },
    .init(GradVac.self) { $0 },
    .init(GradDrop.self) { $0 },
    .init(CAGrad.self) { $0 },
    .init(ImpartialGradientWeighting.self) { $0 },
    .init(ImpartialWeighting.self) { $0 },
    .init(NashMTL.self) { $0 },
    .init(FairGrad.self) { $0 },
    .init(AlignedMTL.self) { $0 },
    .init(DualBalancing.self) { $0 },
    .init(MoCo.self) { $0 },
    .init(MoDo.self) { $0 },
    .init(SDMGrad.self) { $0 },
    .init(UPGrad.self) { $0 },
  ])

extension Registry<any Weighting> {
  /// Adds a weighting of one's own, under its name.
  public func register<T: Weighting>(_ type: T.Type) { add(.init(type) { $0 }) }
}
