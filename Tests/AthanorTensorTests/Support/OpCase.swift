import AthanorCore
import AthanorTensor
import Testing

/// One operation on given shapes, whose value, gradient and two precisions are tested.
struct OpCase: Sendable, CustomTestStringConvertible {
  struct Input: Sendable {
    var shape: [Int]
    var range: ClosedRange<Double>
    /// What every element is a multiple of, so that some are equal; 0 for any number.
    var step: Double
    /// Whether no gradient is asked for.
    var isConstant: Bool

    init(
      _ shape: [Int], in range: ClosedRange<Double> = -1...1, step: Double = 0,
      isConstant: Bool = false
    ) {
      self.shape = shape
      self.range = range
      self.step = step
      self.isConstant = isConstant
    }
  }

  /// What the gradients are held against.
  enum Gradient: Sendable {
    /// Finite differences and the other precision.
    case differences
    /// The other precision alone: the value is one of single precision, too coarse for differences.
    case precisions
    /// Nothing: there is none.
    case none
  }

  var name: String
  var inputs: [Input]
  /// The result's.
  var shape: [Int]?
  /// Largest difference between the precisions, relative to the norm.
  var tolerance: Double
  var gradient: Gradient
  var apply: @Sendable ([Tensor]) -> Tensor
  /// The value by definition, from the inputs' elements.
  var reference: @Sendable ([[Double]]) -> [Double]
  /// Of the inputs' elements.
  var seed = 17

  init(
    _ name: String, _ inputs: [Input], shape: [Int]? = nil, tolerance: Double = 2e-5,
    gradient: Gradient = .differences, apply: @escaping @Sendable ([Tensor]) -> Tensor,
    reference: @escaping @Sendable ([[Double]]) -> [Double]
  ) {
    self.name = name
    self.inputs = inputs
    self.shape = shape
    self.tolerance = tolerance
    self.gradient = gradient
    self.apply = apply
    self.reference = reference
  }

  var testDescription: String { "\(name) \(inputs.map(\.shape))" }

  /// The inputs' elements, the same for every call; each is exact in single precision.
  func values() -> [[Double]] {
    inputs.enumerated().map { i, input in
      var generator = Generator(seed, i)
      return (0..<input.shape.reduce(1, *)).map { _ in
        let x = generator.uniform(input.range.lowerBound, input.range.upperBound)
        return input.step > 0 ? (x / input.step).rounded() * input.step : Double(Float(x))
      }
    }
  }

  /// The inputs; those at `variables` are tracked.
  func tensors(_ values: [[Double]], _ dtype: DType, variables: [Int] = []) -> [Tensor] {
    inputs.indices.map { i in
      let tensor = Tensor(values[i], shape: inputs[i].shape).cast(to: dtype)
      return variables.contains(i) ? tensor.variable() : tensor
    }
  }

  /// The inputs that a gradient is asked for.
  var variables: [Int] { inputs.indices.filter { !inputs[$0].isConstant } }
}

/// Random numbers for the gradient of a result: a test of all elements at once.
func randomTensor(_ shape: [Int], _ dtype: DType, seed: Int) -> Tensor {
  var generator = Generator(seed)
  let values = (0..<shape.reduce(1, *)).map { _ in Double(Float(generator.uniform(-1, 1))) }
  return Tensor(values, shape: shape).cast(to: dtype)
}

/// ‖a − b‖ over ‖b‖, or over that of as many ones where it is less: what cancellation leaves of
/// numbers of that size has no digits of its own.
func distance(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  let difference = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  let size = b.reduce(0) { $0 + $1 * $1 }
  return (difference / max(size, Double(b.count), 1)).squareRoot()
}
