import AthanorTensor

/// A method that needs each task's gradient on the shared parameters and merges them into one.
public protocol GradientWeighting: Weighting {
  /// How many independent batches an update needs.
  var samples: Int { get }

  /// Which of them the weights are applied to, and which one a single present task uses. The others
  /// only determine the weights.
  var mergedSample: Int { get }

  /// Whether the gradients on the shared features are used in place of those on the shared
  /// parameters, as in MGDA-UB: cheaper, since it takes only one pass through the shared part.
  var usesFeatures: Bool { get }

  /// Merges the gradients of two or more present tasks, `samples` sets of them, and updates
  /// the state.
  func merge(_ samples: [TaskGradients], losses: [Double], of tasks: [Int]) throws -> MergedGradient

  /// The part of the method's total beside Σ wᵢLᵢ. Only logged.
  func regularizer(_ losses: [Double], of tasks: [Int]) -> Double
}

extension GradientWeighting {
  public var rule: WeightingRule { .gradients(self) }
  public var samples: Int { 1 }
  public var mergedSample: Int { 0 }
  public var usesFeatures: Bool { false }
  public func regularizer(_ losses: [Double], of tasks: [Int]) -> Double { 0 }

  public func regularizer(_ losses: [Double?]) -> Double {
    let (values, tasks) = present(losses)
    return regularizer(values, of: tasks)
  }

  /// Merges the gradients of the present tasks; that of a single task is used as it is.
  ///
  /// Errors: throws `WeightingError` for a gradient that is not finite.
  public func combined(
    _ samples: [TaskGradients], losses: [Double?], names: [String]
  ) throws -> MergedGradient {
    let (values, tasks) = present(losses)
    for sample in samples {
      for (k, task) in tasks.enumerated() where !sample.gram[k][k].isFinite {
        throw WeightingError.nonFiniteGradient(task: names[task])
      }
    }
    guard tasks.count > 1 else {
      // The task's label may be missing from some of the samples.
      let holding = samples.indices.filter { !tasks.isEmpty && samples[$0].gram[0][0] > 0 }
      let sample = holding.contains(mergedSample) ? mergedSample : holding.first ?? mergedSample
      return MergedGradient(tasks.map { _ in 1 }, ofSample: sample)
    }
    return try merge(samples, losses: values, of: tasks)
  }
}

/// One gradient, merged from those of the present tasks.
public struct MergedGradient {
  public enum Shared {
    /// Σ wᵢgᵢ with the gradients of one of the samples.
    case combination([Double], ofSample: Int)
    /// A gradient that is no such sum, by parameter.
    case parameters([Tensor?])
  }

  public var shared: Shared
  /// The factors of ∇Lᵢ on the tasks' own parameters; ∇Lᵢ is the mean over the samples.
  public var heads: [Double]

  /// Σ wᵢgᵢ; the heads get `heads`, by default plain ∇Lᵢ.
  public init(_ weights: [Double], ofSample sample: Int = 0, heads: [Double]? = nil) {
    shared = .combination(weights, ofSample: sample)
    self.heads = heads ?? weights.map { _ in 1 }
  }

  public init(parameters gradient: [Tensor?], heads: [Double]) {
    shared = .parameters(gradient)
    self.heads = heads
  }

  /// The coefficients of Σ wᵢgᵢ, or NaN where the gradient is no such sum.
  public var weights: [Double] {
    switch shared {
    case .combination(let weights, _): weights
    case .parameters: heads.map { _ in .nan }
    }
  }
}

/// Where a method takes the tasks' gradients.
public enum GradientSite: String, Codable, CaseIterable, Sendable { case parameters, features }
