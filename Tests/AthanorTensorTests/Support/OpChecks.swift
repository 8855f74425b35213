import AthanorCore
import AthanorTensor

/// The tests that every operation passes, fixed or drawn.
extension OpCase {
  /// What is wrong; nothing where all is well.
  func problems() -> [String] { valueProblems() + gradientProblems() + precisionProblems() }

  /// The value in double precision equals the definition.
  private func valueProblems() -> [String] {
    let values = values()
    let result = apply(tensors(values, .float64))
    if let shape, result.shape != shape { return ["the result's shape is \(result.shape)"] }
    let difference = distance(result.doubles, reference(values))
    return difference < 1e-12 ? [] : ["the value differs from the definition by \(difference)"]
  }

  /// The gradient equals central differences, along a random direction and for single elements, and
  /// does not depend on what else is differentiated.
  private func gradientProblems() -> [String] {
    guard gradient == .differences else { return [] }
    var problems: [String] = []
    let values = values()
    let together = results(values, .float64, variables)
    let seeds = randomTensor(together.shape, .float64, seed: 5).doubles
    func value(_ values: [[Double]]) -> [Double] { apply(tensors(values, .float64)).doubles }
    for (k, i) in variables.enumerated() {
      guard let gradient = together.gradients[k], gradient.shape == inputs[i].shape else {
        problems.append(
          "input \(i): the gradient is \(together.gradients[k]?.description ?? "nil")")
        continue
      }
      let slopes = gradient.doubles
      let alone = results(values, .float64, [i]).gradients[0]?.doubles ?? []
      if distance(alone, slopes) > 1e-14 {
        problems.append("input \(i): another gradient where no other is asked for")
      }
      let largest = slopes.map(Swift.abs).max() ?? 0
      for (p, probe) in probes(of: values[i].count, i).enumerated() {
        let h = 1e-6
        var (up, down) = (values, values)
        up[i] = zip(values[i], probe).map { $0 + h * $1 }
        down[i] = zip(values[i], probe).map { $0 - h * $1 }
        let (above, below) = (value(up), value(down))
        let numeric =
          seeds.indices.reduce(0) { $0 + seeds[$1] * (above[$1] - below[$1]) } / (2 * h)
        let exact = zip(slopes, probe).reduce(0) { $0 + $1.0 * $1.1 }
        // At a kink within the step the differences to both sides disagree, by twice what a
        // gradient between them may be off.
        let kink =
          seeds.indices.reduce(0) {
            let bend = above[$1] - 2 * together.value[$1] + below[$1]
            return $0 + Swift.abs(seeds[$1] * bend)
          } / (2 * h)
        guard Swift.abs(numeric - exact) <= 1e-6 * max(1, Swift.abs(exact), largest) + kink else {
          problems.append("input \(i), probe \(p): numeric \(numeric), gradient \(exact)")
          continue
        }
      }
    }
    return problems
  }

  /// A random direction and up to eight single elements.
  private func probes(of count: Int, _ input: Int) -> [[Double]] {
    guard count > 0 else { return [] }
    var generator = Generator(seed + 6, input)
    let direction = (0..<count).map { _ in generator.uniform(-1, 1) }
    let picks = count <= 8 ? Array(0..<count) : generator.permutation(count)
    return [direction]
      + picks.prefix(8).map { pick in (0..<count).map { $0 == pick ? 1.0 : 0.0 } }
  }

  /// Single precision gives the same value and gradients as double precision.
  private func precisionProblems() -> [String] {
    let values = values()
    let asked = gradient == .none ? [] : variables
    let single = results(values, .float32, asked)
    let double = results(values, .float64, asked)
    var problems: [String] = []
    func compare(_ what: String, _ a: [Double], _ b: [Double]) {
      let difference = distance(a, b)
      guard difference < tolerance else {
        problems.append("\(what) differs by \(difference) between the precisions")
        return
      }
    }
    compare("the value", single.value, double.value)
    for (k, i) in asked.enumerated() {
      compare(
        "gradient \(i)", single.gradients[k]?.doubles ?? [],
        double.gradients[k]?.doubles ?? [.nan])
    }
    return problems
  }

  /// The value, and the gradients of the inputs at `variables`.
  private func results(
    _ values: [[Double]], _ dtype: DType, _ variables: [Int]
  ) -> (value: [Double], shape: [Int], gradients: [Tensor?]) {
    let inputs = tensors(values, dtype, variables: variables)
    let y = apply(inputs)
    guard !variables.isEmpty else { return (y.doubles, y.shape, []) }
    let parts = gradients(
      of: [y], seeds: [randomTensor(y.shape, y.dtype, seed: 5)], for: variables.map { inputs[$0] })
    return (y.doubles, y.shape, parts)
  }
}
