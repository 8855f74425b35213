import AthanorCore
import AthanorTensor
import Testing

/// A float64 tensor of numbers from N(0, scale²).
func normal(_ shape: [Int], scale: Double = 1, seed: Int) -> Tensor {
  var generator = Generator(seed)
  return Tensor(
    (0..<shape.reduce(1, *)).map { _ in scale * generator.normal() }, shape: shape)
}

/// The loss and its gradient for `x`.
func valueAndGradient(
  _ x: Tensor, _ loss: (Tensor) -> Tensor
) -> (value: Double, gradient: [Double]) {
  let variable = x.variable()
  let result = loss(variable)
  #expect(result.shape == [])
  #expect(result.dtype == x.dtype)
  let gradient = gradients(of: result, for: [variable])[0] ?? x.zerosLike()
  return (result.scalar, gradient.doubles)
}

/// Holds the gradient of `loss` at a float64 `x` against central differences.
///
/// Where `x` is a table of rows and rows interact only by a sum, this is still exact.
func expectGradient(
  at x: Tensor, step: Double = 1e-5, tolerance: Double = 1e-6, _ label: String = "",
  _ loss: (Tensor) -> Tensor, sourceLocation: SourceLocation = #_sourceLocation
) {
  let (_, gradient) = valueAndGradient(x, loss)
  let values = x.array(of: Double.self)
  for i in values.indices {
    var (above, below) = (values, values)
    above[i] += step
    below[i] -= step
    let difference =
      (loss(Tensor(above, shape: x.shape)).scalar - loss(Tensor(below, shape: x.shape)).scalar)
      / (2 * step)
    #expect(
      abs(difference - gradient[i]) <= tolerance * max(1, abs(difference)),
      "\(label) element \(i): difference \(difference), gradient \(gradient[i])",
      sourceLocation: sourceLocation)
  }
}

func expectClose(
  _ value: Double, _ expected: Double, _ tolerance: Double = 1e-9, _ label: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(
    abs(value - expected) <= tolerance * max(1, abs(expected)),
    "\(label): \(value), not \(expected)",
    sourceLocation: sourceLocation)
}

func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

/// ‖a − b‖ over the larger of ‖b‖ and a floor.
func relativeDistance(_ a: [Double], _ b: [Double]) -> Double {
  norm(zip(a, b).map { $0 - $1 }) / max(norm(b), 1e-12)
}
