import AthanorCore
import AthanorData
import AthanorLosses
import AthanorMetrics
import AthanorNetworks
import AthanorTensor
import AthanorVision

/// The surface normal of every pixel.
public struct NormalsTask: VisionTask {
  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    public var loss = Selection("cosine")

    public init() {}
  }

  public static let name = "normals"
  public static let summary = "the surface normal of every pixel"
  public static let source = "Eigen & Fergus 2015; Liu et al. 2019 (MTAN)"
  public static let labelKind = Label.Kind.normals
  public static let metrics = [
    TaskMetric("mean", title: "mean angle", .error(typical: 90), decimals: 2),
    TaskMetric("median", title: "median angle", .error(typical: 90), in: .history, decimals: 2),
    TaskMetric("within11"),
    TaskMetric("within22", in: .evaluation), TaskMetric("within30", in: .evaluation),
  ]

  public let options: TaskOptions<Own>
  private let loss: any NormalsLoss

  public init(_ options: TaskOptions<Own>) throws {
    var options = options
    loss = try normalsLosses.make(resolving: &options.loss, at: "loss")
    self.options = options
  }

  public var losses: [TaskLoss] { [TaskLoss("", .regression)] }

  public func makeHead(on features: [FeatureLevel], _ label: LabelClasses) -> DenseHead {
    DenseHead(on: features, outputs: 3)
  }

  public func lossValues(_ output: Tensor, _ target: BatchLabel, epoch: Int) -> TaskLossValues {
    TaskLossValues(loss(output, target.values))
  }

  /// Unit vectors.
  public func predictions(
    _ output: Tensor, _ geometry: [Geometry], minimumScore: Float
  ) -> [Label] {
    DenseMap.images(of: output, geometry).map { map in
      var map = map
      for start in stride(from: 0, to: map.values.count, by: 3) {
        let length = (0..<3).reduce(Float(0)) {
          $0 + map.values[start + $1] * map.values[start + $1]
        }.squareRoot()
        for c in 0..<3 { map.values[start + c] /= max(length, 1e-12) }
      }
      return .normals(map)
    }
  }

  public func makeMeter(_ label: LabelClasses) -> any TaskMeter { NormalsMeter() }
}

private struct NormalsMeter: TaskMeter {
  private var angles = NormalAngles()

  mutating func add(prediction: Label, truth: Label) {
    guard let prediction = prediction.map, let truth = truth.map else { return }
    angles.add(prediction: prediction.values, truth: truth.values)
  }

  func evaluation() -> TaskEvaluation? {
    guard angles.pixels > 0 else { return nil }
    return TaskEvaluation([
      ("mean", angles.mean), ("median", angles.median), ("within11", angles.within11),
      ("within22", angles.within22), ("within30", angles.within30),
    ])
  }
}
