import AthanorCore
import AthanorTensor
import Testing

/// The three tests that every declared operation passes.
extension OpCase {
  /// The value in double precision equals the definition.
  func checkForward() {
    guard let reference else { return }
    let values = values()
    let result = apply(tensors(values, .float64)).doubles
    let expected = reference(values)
    #expect(result.count == expected.count, "\(testDescription)")
    #expect(relativeDifference(result, expected) < 1e-12, "\(testDescription)")
  }

  /// The gradient equals central differences, along a random direction and for single elements.
  func checkGradient() {
    let values = values()
    let variables = tensors(values, .float64).map { $0.variable() }
    let y = apply(variables)
    let seed = randomTensor(y.shape, .float64, seed: 5)
    let seeds = seed.doubles
    let analytic = gradients(of: [y], seeds: [seed], for: variables)

    func loss(_ values: [[Double]]) -> Double {
      let y = Tape.paused { apply(tensors(values, .float64)).doubles }
      return zip(y, seeds).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let h = 1e-6  // small, so that few kinks are stepped over
    for (i, input) in values.enumerated() where !input.isEmpty {
      guard let gradient = analytic[i] else {
        Issue.record("\(testDescription): no gradient for input \(i)")
        continue
      }
      #expect(gradient.shape == inputs[i].shape, "\(testDescription), input \(i)")
      let gradientValues = gradient.doubles
      var generator = Generator(23, i)
      let direction = input.indices.map { _ in generator.uniform(-1, 1) }
      let picks = input.count <= 8 ? Array(input.indices) : generator.permutation(input.count)
      let probes =
        [direction]
        + picks.prefix(8).map { pick in input.indices.map { $0 == pick ? 1.0 : 0.0 } }
      for (p, probe) in probes.enumerated() {
        var (up, down) = (values, values)
        up[i] = zip(input, probe).map { $0 + h * $1 }
        down[i] = zip(input, probe).map { $0 - h * $1 }
        let numeric = (loss(up) - loss(down)) / (2 * h)
        let exact = zip(gradientValues, probe).reduce(0) { $0 + $1.0 * $1.1 }
        let scale = max(1, Swift.abs(exact), gradientValues.map(Swift.abs).max() ?? 0)
        #expect(
          Swift.abs(numeric - exact) <= 1e-6 * scale,
          "\(testDescription), input \(i), probe \(p): numeric \(numeric), gradient \(exact)")
      }
    }
  }

  /// Single precision gives the same value and gradients as double precision.
  func checkPrecisions() {
    let values = values()
    let (single, double) = (results(values, .float32), results(values, .float64))
    for (i, (a, b)) in zip(single, double).enumerated() {
      let difference = relativeDifference(a, b)
      let what = i == 0 ? "value" : "gradient \(i - 1)"
      #expect(difference < tolerance, "\(testDescription): \(what) differs by \(difference)")
    }
  }

  /// The value, then the gradient of every input.
  private func results(_ values: [[Double]], _ dtype: DType) -> [[Double]] {
    let variables = tensors(values, dtype).map { $0.variable() }
    let y = apply(variables)
    let parts = gradients(
      of: [y], seeds: [randomTensor(y.shape, dtype, seed: 5)], for: variables)
    return [y.doubles] + parts.map { $0?.doubles ?? [] }
  }
}
