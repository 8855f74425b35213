import AthanorTensor
import Foundation

/// What the detection head says of one pyramid level, raw.
public struct DetectionLevel: Sendable {
  /// Pixels of the image between two points.
  public let stride: Int
  /// Class logits `[N,h,w,classes]`.
  public let classification: Tensor
  /// Distances x before scale and exponential, `[N,h,w,4]`: (l,t,r,b) = exp(scale·x)·stride.
  public let regression: Tensor
  /// Centerness logits `[N,h,w,1]`.
  public let centerness: Tensor
  /// The level's learned factor of `regression`, `[1]`.
  public let scale: Tensor
}

/// The head of FCOS (Tian et al. 2019), shared over P3–P5; centerness on the regression tower.
public struct DetectionHead: Module {
  public static let strides = [8, 16, 32]
  static let groups = 16
  static let depth = 2

  typealias Tower = [(conv: Conv2d, norm: GroupNorm)]
  let classificationTower: Tower
  let regressionTower: Tower
  let classLogits: Conv2d
  let boxRegression: Conv2d
  let boxCenterness: Conv2d
  let scales: [Parameter]

  public init(channels: Int, classes: Int, seed: Int) {
    func conv(_ output: Int, _ name: String, bias: Double = 0) -> Conv2d {
      Conv2d(
        channels, output, kernel: 3, bias: bias, initializer: .normal(0.01), seed: seed,
        name: "detection.\(name)")
    }
    func tower(_ name: String) -> Tower {
      (0..<Self.depth).map {
        (conv(channels, "\(name).conv.\(3 * $0)"), GroupNorm(groups: Self.groups, channels))
      }
    }
    classificationTower = tower("classification_head")
    regressionTower = tower("regression_head")
    // Focal loss wants every point to begin at a foreground probability of .01.
    classLogits = conv(classes, "classification_head.cls_logits", bias: -log(99))
    boxRegression = conv(4, "regression_head.bbox_reg")
    boxCenterness = conv(1, "regression_head.bbox_ctrness")
    scales = Self.strides.map { _ in Parameter(.ones([1]), decays: false) }
  }

  /// The raw outputs for P3, P4, P5 from P2…P5.
  public func callAsFunction(_ features: [Tensor]) -> [DetectionLevel] {
    Self.strides.indices.map { i in
      let classified = Self.run(classificationTower, features[i + 1])
      let regressed = Self.run(regressionTower, features[i + 1])
      return DetectionLevel(
        stride: Self.strides[i], classification: classLogits(classified),
        regression: boxRegression(regressed), centerness: boxCenterness(regressed),
        scale: scales[i].value)
    }
  }

  private static func run(_ tower: Tower, _ x: Tensor) -> Tensor {
    tower.reduce(x) { $1.norm($1.conv($0), relu: true) }
  }

  public func state(_ prefix: String) -> [StateEntry] {
    func tower(_ tower: Tower, _ name: String) -> [StateEntry] {
      tower.enumerated().flatMap { i, step in
        step.conv.state("\(prefix)\(name).conv.\(3 * i).")
          + step.norm.state("\(prefix)\(name).conv.\(3 * i + 1).")
      }
    }
    return tower(classificationTower, "classification_head")
      + classLogits.state("\(prefix)classification_head.cls_logits.")
      + tower(regressionTower, "regression_head")
      + boxRegression.state("\(prefix)regression_head.bbox_reg.")
      + boxCenterness.state("\(prefix)regression_head.bbox_ctrness.")
      + scales.enumerated().map {
        StateEntry(name: "\(prefix)regression_head.scales.\($0)", content: .parameter($1))
      }
  }
}
