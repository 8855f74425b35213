import AthanorLosses
import AthanorNetworks
import AthanorTensor
import Foundation

/// The raw output of an FCOS head for a batch: P3, P4, P5.
public struct FCOSOutput: HeadOutput {
  public let levels: [FCOSLevel]

  /// `p3.cls`, `p3.ctr`, `p3.box`, and so on, raw.
  public var tensors: [(name: String, tensor: Tensor)] {
    levels.flatMap { level in
      let name = "p\(level.stride.trailingZeroBitCount)"
      return [
        ("\(name).cls", level.classification), ("\(name).ctr", level.centerness),
        ("\(name).box", level.regression),
      ]
    }
  }
}

/// The head of FCOS (Tian et al. 2019), shared over P3–P5; centerness on the regression tower.
public struct FCOSHead: Head {
  static let groups = 16
  static let depth = 2

  /// A 3×3 convolution and group norm, named as in torchvision, where every third module is a ReLU
  /// without parameters.
  private struct Tower: Module {
    let steps: [(conv: Conv2d, norm: GroupNorm)]

    func callAsFunction(_ x: Tensor) -> Tensor {
      steps.reduce(x) { $1.norm($1.conv($0), relu: true) }
    }

    var parts: Parts {
      steps.enumerated().flatMap { i, step -> Parts in
        [("\(3 * i)", step.conv), ("\(3 * i + 1)", step.norm)]
      }
    }
  }

  private struct ClassificationBranch: Module {
    let tower: Tower
    let logits: Conv2d

    var parts: Parts { [("conv", tower), ("cls_logits", logits)] }
  }

  private struct RegressionBranch: Module {
    let tower: Tower
    let regression: Conv2d
    let centerness: Conv2d
    /// One factor per level.
    let scales: [Parameter]

    var parts: Parts {
      [
        ("conv", tower), ("bbox_reg", regression), ("bbox_ctrness", centerness),
        ("scales", scales),
      ]
    }
  }

  /// The strides of the levels that the head uses.
  private let strides: [Int]
  /// The number of levels before the first one that the head uses.
  private let skipped: Int
  private let classification: ClassificationBranch
  private let regression: RegressionBranch

  /// - `features`: The levels of the pyramid; all but the finest are used.
  public init(on features: [FeatureLevel], classes: Int) {
    skipped = 1
    strides = features.dropFirst(skipped).map(\.stride)
    let channels = features[0].channels
    func conv(_ output: Int, bias: Double = 0) -> Conv2d {
      Conv2d(channels, output, kernel: 3, bias: bias, initializer: .normal(0.01))
    }
    func tower() -> Tower {
      Tower(
        steps: (0..<Self.depth).map { _ in
          (conv(channels), GroupNorm(groups: Self.groups, channels))
        })
    }
    // Focal loss needs every point to start at a foreground probability of .01.
    classification = ClassificationBranch(tower: tower(), logits: conv(classes, bias: -log(99)))
    regression = RegressionBranch(
      tower: tower(), regression: conv(4), centerness: conv(1),
      scales: strides.map { _ in Parameter([1], .constant(1), decays: false) })
  }

  public func callAsFunction(_ features: [Tensor], _ mode: ForwardMode) -> FCOSOutput {
    FCOSOutput(
      levels: strides.indices.map { i in
        let feature = features[i + skipped]
        let classified = classification.tower(feature)
        let regressed = regression.tower(feature)
        return FCOSLevel(
          stride: strides[i], classification: classification.logits(classified),
          regression: regression.regression(regressed),
          centerness: regression.centerness(regressed), scale: regression.scales[i].value)
      })
  }

  public var parts: Parts {
    [("classification_head", classification), ("regression_head", regression)]
  }
}
