import AthanorCore
import AthanorLosses
import AthanorTensor
import CppReference

/// The output of one implementation for an input.
public struct LossOutput: Sendable {
  /// The loss; for box losses, one value per box.
  public var values: [Double]
  /// The gradient of their sum.
  public var gradient: [Double]

  public init(values: [Double], gradient: [Double]) {
    self.values = values
    self.gradient = gradient
  }
}

/// An input on which losses of one family are compared.
public protocol LossCase: Sendable {
  var label: String { get }
  /// Whether losses have a unique gradient here. At kinks any subgradient is right, so only values
  /// are compared.
  var isSmooth: Bool { get }
  /// The loss with its defaults, and with options that exercise other branches.
  func selections(of name: String) -> [Selection]
  /// Our output in `dtype` and the reference's, both computed from inputs rounded to `dtype`.
  func evaluate(
    _ selection: Selection, in dtype: DType
  ) throws -> (ours: LossOutput, reference: LossOutput)
}

/// The reference implementation rejected a call.
public struct ReferenceRefusal: Error, CustomStringConvertible {
  /// The message of the calling thread's last failed call.
  public let description = "reference: " + String(cString: cppref_last_error())

  public init() {}
}

/// A batch of logits `[N,H,W,C]` and its mask.
struct SegmentationLossCase: LossCase {
  let label: String
  let shape: [Int]
  let logits: [Double]
  let target: [UInt8]
  let isSmooth = true

  func selections(of name: String) -> [Selection] {
    let variants = segmentationVariants(classes: max(2, shape[3]))
    return [Selection(name)] + variants.filter { $0.name == name }
  }

  func evaluate(
    _ selection: Selection, in dtype: DType
  ) throws -> (ours: LossOutput, reference: LossOutput) {
    let loss = try segmentationLosses.make(selection, at: selection.name)
    let held = Tensor(logits, shape: shape).cast(to: dtype)
    let variable = held.variable()
    let result = loss(variable, Tensor(target, shape: Array(shape.dropLast())))
    let gradient = gradients(of: result, for: [variable])[0] ?? held.zerosLike()

    var (value, slopes) = (0.0, [Double](repeating: 0, count: logits.count))
    let sizes = shape.map { Int32($0) }
    guard
      cppref_segmentation_loss(
        selection.name, selection.optionText, held.doubles, target, sizes[0], sizes[1], sizes[2],
        sizes[3], &value, &slopes) == 0
    else { throw ReferenceRefusal() }
    return (
      LossOutput(values: [result.scalar], gradient: gradient.doubles),
      LossOutput(values: [value], gradient: slopes)
    )
  }
}

/// Predicted and true boxes.
struct BoxLossCase: LossCase {
  let label: String
  let prediction: [Double]
  let target: [Double]
  var isSmooth = true

  func selections(of name: String) -> [Selection] {
    [Selection(name)] + boxVariants.filter { $0.name == name }
  }

  func evaluate(
    _ selection: Selection, in dtype: DType
  ) throws -> (ours: LossOutput, reference: LossOutput) {
    let loss = try boxLosses.make(selection, at: selection.name)
    let count = prediction.count / 4
    let held = Tensor(prediction, shape: [count, 4]).cast(to: dtype)
    let truth = Tensor(target, shape: [count, 4]).cast(to: dtype)
    let variable = held.variable()
    let result = loss(variable, truth)
    let gradient = gradients(of: result.sum(), for: [variable])[0] ?? held.zerosLike()

    var values = [Double](repeating: 0, count: count)
    var slopes = [Double](repeating: 0, count: 4 * count)
    guard
      cppref_box_loss(
        selection.name, selection.optionText, held.doubles, truth.doubles, Int32(count), &values,
        &slopes) == 0
    else { throw ReferenceRefusal() }
    return (
      LossOutput(values: result.doubles, gradient: gradient.doubles),
      LossOutput(values: values, gradient: slopes)
    )
  }
}

extension Selection {
  /// The options as the reference reads them: `key=value;key=value`, a list as `a,b,c`.
  var optionText: String {
    options.map { "\($0.key)=\($0.value.optionText)" }.joined(separator: ";")
  }
}

extension Settings {
  fileprivate var optionText: String {
    switch self {
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): value
    case .list(let values): values.map(\.optionText).joined(separator: ",")
    case .null, .map, .dictionary, .selection: ""
    }
  }
}
