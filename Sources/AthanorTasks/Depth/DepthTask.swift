import AthanorCore
import AthanorData
import AthanorLosses
import AthanorMetrics
import AthanorNetworks
import AthanorTensor
import AthanorVision

/// The depth of every pixel, in the data set's unit.
public struct DepthTask: VisionTask {
  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    public var loss = Selection("l1")

    public init() {}
  }

  public static let name = "depth"
  public static let summary = "the depth of every pixel"
  public static let source = "Eigen et al. 2014; Liu et al. 2019 (MTAN)"
  public static let labelKind = Label.Kind.depth
  public static let metrics = [
    TaskMetric("relErr", .error(typical: 1)),
    TaskMetric("absErr", .error(typical: 1), in: .history),
    TaskMetric("rmse", .error(typical: 1), in: .history), TaskMetric("delta1"),
    TaskMetric("delta2", in: .evaluation), TaskMetric("delta3", in: .evaluation),
  ]

  public let options: TaskOptions<Own>
  private let loss: any DepthLoss

  public init(_ options: TaskOptions<Own>) throws {
    var options = options
    loss = try depthLosses.make(resolving: &options.loss, at: "loss")
    self.options = options
  }

  public var losses: [TaskLoss] { [TaskLoss("", .regression)] }

  public func makeHead(on features: [FeatureLevel], _ label: LabelClasses) -> DenseHead {
    DenseHead(on: features, outputs: 1)
  }

  public func lossValues(_ output: Tensor, _ target: BatchLabel, epoch: Int) -> TaskLossValues {
    TaskLossValues(loss(output.selected(0, axis: 3), target.values))
  }

  public func predictions(
    _ output: Tensor, _ geometry: [Geometry], minimumScore: Float
  ) -> [Label] {
    DenseMap.images(of: output, geometry).map { .depth($0) }
  }

  public func makeMeter(_ label: LabelClasses) -> any TaskMeter { DepthMeter() }
}

private struct DepthMeter: TaskMeter {
  private var errors = DepthErrors()

  mutating func add(prediction: Label, truth: Label) {
    guard let prediction = prediction.map, let truth = truth.map else { return }
    errors.add(prediction: prediction.values, truth: truth.values)
  }

  func evaluation() -> TaskEvaluation? {
    guard errors.pixels > 0 else { return nil }
    return TaskEvaluation([
      ("relErr", errors.relErr), ("absErr", errors.absErr), ("rmse", errors.rmse),
      ("delta1", errors.delta(1)), ("delta2", errors.delta(2)), ("delta3", errors.delta(3)),
    ])
  }
}
