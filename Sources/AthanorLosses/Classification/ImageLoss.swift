import AthanorCore
import AthanorTensor

/// A loss between the logits of images and their classes.
///
/// Shapes: logits `[N,C]` floating; labels `[N]` int32, −1 for an image without a class; result
/// `[]`, a mean over the images that have one. With none the loss and its gradient are 0.
/// Errors: traps on other shapes, types and labels.
public protocol ImageLoss: Registered, Sendable {
  func callAsFunction(_ logits: Tensor, _ labels: Tensor) -> Tensor
}

/// Every loss of image classification by name.
public let imageLosses = Registry<any ImageLoss>(
  kind: "loss of image classes", [.init(ImageCrossEntropyLoss.self) { $0 }])

extension Registry<any ImageLoss> {
  /// Adds a loss of one's own, under its name.
  public func register<T: ImageLoss>(_ type: T.Type) { add(.init(type) { $0 }) }
}

/// The mean of −Σ_c t_c ln p_c over labelled images; t is 1 for the class, or with label smoothing
/// 1 − ε + ε/C for the class and ε/C for all others.
///
/// Source: Szegedy et al. 2016, §7 (label smoothing); PyTorch's CrossEntropyLoss.
public struct ImageCrossEntropyLoss: ImageLoss {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// ε in [0, 1).
    public var labelSmoothing = 0.0

    public init() {}

    private enum CodingKeys: String, CodingKey { case labelSmoothing = "label_smoothing" }
  }

  public static let name = "cross_entropy"
  public static let summary = "mean -ln p of the image's class"
  public static let source = "Szegedy et al. 2016, §7; PyTorch's CrossEntropyLoss"

  private let smoothing: Double

  public init(_ options: Options) throws {
    try requireFraction(options.labelSmoothing, "label_smoothing")
    smoothing = options.labelSmoothing
  }

  /// With the default of each option that is not given.
  public init(labelSmoothing: Double = Options().labelSmoothing) throws {
    var options = Options()
    options.labelSmoothing = labelSmoothing
    try self.init(options)
  }

  public func callAsFunction(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    precondition(
      logits.rank == 2 && logits.dtype.isFloating && labels.dtype == .int32
        && labels.shape == [logits.shape[0]],
      "\(Self.name): needs logits [N,C] and int32 labels [N], got \(logits) and \(labels)")
    let (labels, classes) = (labels.array(of: Int32.self).map(Int.init), logits.shape[1])
    precondition(
      labels.allSatisfy { (-1..<classes).contains($0) },
      "\(Self.name): labels \(labels), expected -1 to \(classes - 1)")
    var target = [Double](repeating: 0, count: logits.count)
    for (n, label) in labels.enumerated() where label >= 0 {
      for c in 0..<classes {
        target[n * classes + c] =
          smoothing / Double(classes) + (c == label ? 1 - smoothing : 0)
      }
    }
    let weights = Tensor(target, shape: logits.shape).cast(to: logits.dtype)
    let count = Double(max(1, labels.count { $0 >= 0 }))
    return (logits.logSoftmax() * weights).sum() * (-1 / count)
  }
}
