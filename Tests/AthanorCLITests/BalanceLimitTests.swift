import AthanorBalancing
import AthanorCLI
import AthanorCore
import AthanorExperiment
import AthanorReport
import AthanorTensor
import Testing

/// Inputs for which every weighting of the registry must give a result or an error, never a trap.
@Suite struct BalanceLimitTests {
  /// Losses `[steps, tasks]` and gradients `[steps, tasks, parameters]`, converted to the form that
  /// the method requires.
  private func replay(
    _ name: String, _ losses: Tensor, _ gradients: Tensor, after: Tensor? = nil
  ) throws -> Balancing.Result {
    let weighting = try weightings.make(Selection(name), at: name)
    var recording = Balancing.Recording(losses: losses)
    recording.gradients = gradients
    recording.after = after ?? losses
    let (steps, tasks) = (losses.shape[0], losses.shape[1])
    let parameters = gradients.shape[2]
    switch weighting.rule {
    case .losses: break
    case .gradients(let method):
      if method.samples > 1 {
        recording.gradients = gradients.reshaped([steps, 1, tasks, parameters])
          .broadcast(to: [steps, method.samples, tasks, parameters])
      }
    case .features:
      recording.features = .ones([steps, parameters], .float64)
    }
    return try Balancing(name, overrides: [try Override("stepsPerEpoch=2")])(recording)
  }

  private func random(_ shape: [Int], positive: Bool = false) -> Tensor {
    var generator = Generator(shape.reduce(3) { 31 * $0 + $1 })
    return Tensor(
      (0..<shape.reduce(1, *)).map { _ in generator.uniform(positive ? 0.1 : -1, 1) }, shape: shape)
  }

  @Test(arguments: weightings.names) func anyNumberOfStepsAndTasks(_ name: String) throws {
    for (steps, tasks, parameters) in [(0, 2, 7), (0, 1, 0), (3, 1, 7), (4, 17, 3), (3, 2, 1)] {
      let result = try replay(
        name, random([steps, tasks], positive: true), random([steps, tasks, parameters]))
      #expect(result.weights.shape == [steps, tasks])
      #expect(result.merged?.shape == [steps, parameters])
      let isFinite = result.merged!.doubles.allSatisfy(\.isFinite)
      #expect(isFinite, "\(steps) steps, \(tasks) tasks: \(result.merged!.doubles)")
    }
    #expect(throws: SettingsError.self) {
      try replay(name, .zeros([3, 0], .float64), .zeros([3, 0, 7], .float64))
    }
    #expect(throws: SettingsError.self) {
      try replay(name, random([3, 2]), .zeros([3, 2, 0], .float64))
    }
  }

  /// In a step without any task nothing is merged.
  @Test(arguments: weightings.names) func absentTasks(_ name: String) throws {
    let losses = Tensor([1, .nan, .nan, .nan, 1, 2], shape: [3, 2])
    let merged = try #require(try replay(name, losses, random([3, 2, 7])).merged).doubles
    let isFinite = merged.allSatisfy(\.isFinite)
    #expect(isFinite && merged[7..<14] == [0, 0, 0, 0, 0, 0, 0], "\(merged)")
  }

  @Test(arguments: weightings.names) func numbersWithoutMeaning(_ name: String) throws {
    let (losses, gradients) = (random([3, 2], positive: true), random([3, 2, 7]))
    for value in [Double.nan, .infinity, -.infinity, 1e308, -1e308, .leastNonzeroMagnitude, 0, -1] {
      for (i, count) in [(0, 1), (0, 2), (2, 4)] {
        func changed(_ tensor: Tensor, _ width: Int) -> Tensor {
          var values = tensor.doubles
          for k in (i * width)..<((i + count) * width) { values[k] = value }
          return Tensor(values, shape: tensor.shape)
        }
        // Either a result, or an error that says what was expected.
        _ = try? replay(name, changed(losses, 1), gradients)
        _ = try? replay(name, losses, changed(gradients, 7))
        _ = try? replay(name, losses, gradients, after: changed(losses, 1))
        #expect(throws: SettingsError.self) {
          let infinite = Tensor(repeating: .infinity, shape: [3, 2], .float64)
          return try replay(name, infinite, gradients)
        }
      }
    }
  }

  /// Tasks with equal, opposite or zero gradients.
  @Test(arguments: weightings.names) func dependentGradients(_ name: String) throws {
    let one = random([2, 1, 5])
    for other in [one, -one, one * 0] {
      let gradients = Tensor.concatenated([one, other], axis: 1)
      let merged = try #require(try replay(name, .ones([2, 2], .float64), gradients).merged)
      let isFinite = merged.doubles.allSatisfy(\.isFinite)
      #expect(isFinite, "\(merged.doubles)")
    }
    let none = try #require(
      try replay(name, .ones([2, 2], .float64), .zeros([2, 2, 5], .float64)).merged)
    #expect(none.doubles == [Double](repeating: 0, count: none.count))
  }
}
