import AthanorCLI
import AthanorCore
import AthanorExperiment
import AthanorReport
import AthanorTensor
import Foundation
import Testing

/// Compares `athanor balance` with `Tests/Balancing`, where every method is implemented a second
/// time.
@Suite struct BalanceTests {
  /// W and M of every method over recorded training; in `partial` some tasks are absent.
  @Test(arguments: ["tasks2", "tasks3", "tasks5", "partial2", "partial3", "partial5"])
  func recordingsReplayAsRecomputed(name: String) throws {
    let fixture = try BalanceFixture(name)
    let methods = fixture.methods
    #expect(Set(methods.map { $0.split(separator: ";")[0] }).count == 26)
    var largest = [true: 0.0, false: 0.0]
    for method in methods {
      let result = try fixture.replay(method)
      let expected = try fixture.expected(method)
      let isSolved = BalanceFixture.solved.contains(String(method.split(separator: ";")[0]))
      let bound = isSolved ? 1e-6 : 1e-9
      let weights = difference(result.weights, expected.weights)
      let merged = difference(try #require(result.merged), expected.merged)
      #expect(weights.value <= bound, "\(method): W, step \(weights.step)")
      #expect(merged.value <= bound, "\(method): M, step \(merged.step)")
      largest[isSolved] = max(largest[isSolved]!, weights.value, merged.value)
    }
    print("\(name): largest difference \(largest[true]!) with a solver, \(largest[false]!) without")
  }

  /// The exact weights of the methods that solve an optimization problem.
  @Test(arguments: 2...8) func solutionsAreExact(tasks: Int) throws {
    let fixture = try BalanceFixture("gram")
    let gradients = try fixture.tensor("\(tasks)")
    for name in fixture.names where name.hasPrefix("\(tasks).") {
      let method = String(name.dropFirst(2).dropLast(2))
      let result = try balance(method, gradients)
      let weights = difference(result.weights, try fixture.tensor(name))
      #expect(weights.value <= 1e-6, "\(method) of \(tasks) tasks: gradients \(weights.step)")
    }
  }

  /// Parallel, opposite, dependent and zero gradients: M where the formula gives one, finite values
  /// elsewhere.
  @Test func degenerateGradientsMerge() throws {
    let fixture = try BalanceFixture("degenerate")
    for name in fixture.names where !name.contains(".") {
      let rows = try fixture.tensor(name)
      let gradients = rows.reshaped([1] + rows.shape)
      for method in try BalanceFixture("gram").methods(after: "2.") + [
        "imtl_g", "pcgrad", "gradvac",
      ] {
        let merged = try #require(try balance(method, gradients).merged)
        let isFinite = merged.doubles.allSatisfy(\.isFinite)
        #expect(isFinite, "\(method) of \(name): \(merged.doubles)")
        guard fixture.names.contains("\(name).\(method).M") else { continue }
        let expected = try fixture.tensor("\(name).\(method).M")
        let difference = difference(merged, expected.reshaped(merged.shape))
        #expect(difference.value <= 1e-6, "\(method) of \(name): \(merged.doubles)")
      }
    }
  }

  /// Balances with losses of 1 at every step.
  private func balance(_ method: String, _ gradients: Tensor) throws -> Balancing.Result {
    let shape = [gradients.shape[0], gradients.shape[1]]
    var recording = Balancing.Recording(losses: .ones(shape, .float64))
    recording.gradients = gradients
    return try Balancing(fixture: method)(recording)
  }
}

/// The largest difference relative to the largest element of its row, at least 1e-6, and the index
/// of that row; two NaN are equal.
private func difference(_ a: Tensor, _ b: Tensor) -> (value: Double, step: Int) {
  guard a.shape == b.shape else { return (.infinity, -1) }
  let (x, y, width) = (a.doubles, b.doubles, a.count / max(1, a.shape[0]))
  let rows = (0..<a.shape[0]).map { step in
    let row = step * width..<(step + 1) * width
    let largest = row.map { abs(y[$0]) }.filter(\.isFinite).max() ?? 0
    let apart = row.map { i in
      x[i].isNaN && y[i].isNaN ? 0 : (x[i] - y[i]).isNaN ? Double.infinity : abs(x[i] - y[i])
    }
    return ((apart.max() ?? 0) / max(largest, 1e-6), step)
  }
  return rows.max { $0.0 < $1.0 } ?? (0, 0)
}
