import AthanorCore
import AthanorTensor
import Testing

/// One operation on given shapes: what its value, its gradient and its two precisions are tested by.
struct OpCase: Sendable, CustomTestStringConvertible {
  struct Input: Sendable {
    var shape: [Int]
    var range: ClosedRange<Double>

    init(_ shape: [Int], in range: ClosedRange<Double> = -1...1) {
      self.shape = shape
      self.range = range
    }
  }

  var name: String
  var inputs: [Input]
  /// Largest difference between the precisions, relative to the norm.
  var tolerance = 2e-5
  var apply: @Sendable ([Tensor]) -> Tensor
  /// The value by definition, from the inputs' elements.
  var reference: (@Sendable ([[Double]]) -> [Double])?

  init(
    _ name: String, _ inputs: [Input], tolerance: Double = 2e-5,
    apply: @escaping @Sendable ([Tensor]) -> Tensor,
    reference: (@Sendable ([[Double]]) -> [Double])? = nil
  ) {
    self.name = name
    self.inputs = inputs
    self.tolerance = tolerance
    self.apply = apply
    self.reference = reference
  }

  var testDescription: String { "\(name) \(inputs.map(\.shape))" }

  /// The inputs' elements, the same for every call; each is exact in single precision.
  func values() -> [[Double]] {
    inputs.enumerated().map { i, input in
      var generator = Generator(17, i)
      return (0..<input.shape.reduce(1, *)).map { _ in
        Double(Float(generator.uniform(input.range.lowerBound, input.range.upperBound)))
      }
    }
  }

  func tensors(_ values: [[Double]], _ dtype: DType) -> [Tensor] {
    zip(inputs, values).map { Tensor($1, shape: $0.shape).cast(to: dtype) }
  }
}

/// Random numbers for the gradient of a result: a test of all elements at once.
func randomTensor(_ shape: [Int], _ dtype: DType, seed: Int) -> Tensor {
  var generator = Generator(seed)
  let values = (0..<shape.reduce(1, *)).map { _ in Double(Float(generator.uniform(-1, 1))) }
  return Tensor(values, shape: shape).cast(to: dtype)
}

/// ‖a − b‖ / max(‖b‖, tiny).
func relativeDifference(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  let difference = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  let size = b.reduce(0) { $0 + $1 * $1 }
  return (difference / max(size, 1e-20)).squareRoot()
}
