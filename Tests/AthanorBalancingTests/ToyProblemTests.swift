import AthanorBalancing
import AthanorCore
import AthanorTensor
import Foundation
import Testing

/// Two tasks on two parameters, by hand: what the methods must do where the answer is known.
private final class Toy {
  let weighting: any Weighting
  private let tasks = [BalancedTask("a", .classification), BalancedTask("b", .regression)]

  init(_ name: String, _ options: [Settings.Entry] = []) throws {
    weighting = try weightings.make(Selection(name, options), at: "weighting")
    try weighting.begin(tasks)
  }

  /// Weights and merged gradient of a step with these losses and gradients.
  func step(_ losses: [Double], _ gradients: [[Double]]) throws -> (
    weights: [Double], merged: [Double]
  ) {
    switch weighting.rule {
    case .losses(let method):
      let weights = method.weights(losses.map { $0 }).map { $0! }
      method.update(losses.map { $0 })
      return (weights, combination(weights, gradients))
    case .gradients(let method):
      let rows = TaskGradients(gradients.map { Tensor($0, shape: [2]) })
      let samples = [TaskGradients](repeating: rows, count: method.samples)
      let result = try method.combined(samples, losses: losses.map { $0 }, names: ["a", "b"])
      return (result.weights, TaskGradients.merged(result, samples)[0]!.doubles)
    case .features: return ([], [])
    }
  }

  /// The last of many equal steps.
  func settled(
    _ gradients: [[Double]], losses: [Double] = [1, 1], steps: Int = 1
  ) throws -> (weights: [Double], merged: [Double]) {
    for _ in 1..<max(1, steps) { _ = try step(losses, gradients) }
    return try step(losses, gradients)
  }

  private func combination(_ weights: [Double], _ rows: [[Double]]) -> [Double] {
    (0..<2).map { k in zip(weights, rows).reduce(0) { $0 + $1.0 * $1.1[k] } }
  }
}

/// L₁ = 1 + ½|θ − (−1,0)|², L₂ = 1 + 2|θ − (1,0)|²: the Pareto set is the segment between the two.
private func quadratics(_ x: [Double]) -> (losses: [Double], gradients: [[Double]]) {
  let (left, right) = ([x[0] + 1, x[1]], [x[0] - 1, x[1]])
  func square(_ v: [Double]) -> Double { v[0] * v[0] + v[1] * v[1] }
  return ([1 + square(left) / 2, 1 + 2 * square(right)], [left, right.map { 4 * $0 }])
}

private func option(_ key: String, _ value: String) -> Settings.Entry { .init(key, .string(value)) }

private func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-9) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
}

@Suite struct ToyProblemTests {
  /// g₁ = (1,0) and g₂ = (−1,1) are in conflict.
  private let conflict = [[1.0, 0], [-1, 1]]
  private let identity = [[1.0, 0], [0, 1]]

  @Test(arguments: ["exp", "libmtl", "kendall", "liebel"])
  func uncertaintySettlesWhereItsTotalIsLeast(form: String) throws {
    let losses = [0.05, 4]
    let weights = try Toy("uncertainty", [option("form", form), option("bound", "none")])
      .settled(identity, losses: losses, steps: 6000).weights
    let expected = losses.map { loss in
      switch form {
      case "exp": 1 / loss
      case "liebel": 2 / (loss + (loss * loss + 8 * loss).squareRoot())
      default: 0.5 / loss
      }
    }
    for (weight, value) in zip(weights, expected) { #expect(abs(weight / value - 1) < 2e-3) }
  }

  @Test func constantLossesSettle() throws {
    let losses = [0.05, 4]
    let scaled = try Toy("imtl_l").settled(identity, losses: losses, steps: 6000).weights
    #expect(isClose(zip(scaled, losses).map { $0 * $1 }, [1, 1], 1e-3))
    let average = try Toy("dwa").settled(identity, losses: losses, steps: 9)
    #expect(isClose(average.weights, [1, 1]))
    // The weighted losses of GLS are equal, their sum the geometric mean.
    let geometric = try Toy("gls").settled(identity, losses: losses).weights
    let half = (losses[0] * losses[1]).squareRoot() / 2
    #expect(isClose(zip(geometric, losses).map { $0 * $1 }, [half, half]))
  }

  @Test func constantGradientsSettle() throws {
    let (losses, gradients) = ([0.5, 2], [[1.0, 0], [0, 3]])
    // The excess of every task falls as 1/√t: weights stay 1.
    let excess = try Toy("excess_mtl").settled(gradients, losses: losses, steps: 50).weights
    #expect(isClose(excess, [1, 1], 1e-6))
    // Smoothed gradients become g/L, then all as long as the longest.
    let balanced = try Toy("db_mtl").settled(gradients, losses: losses, steps: 400).merged
    #expect(isClose(balanced, [2, 2], 1e-6))
    // Orthogonal gradients: λ ∝ 1/(‖g‖² + ρ).
    let inverse = [1 / 1.1, 1 / 9.1]
    let sum = inverse[0] + inverse[1]
    let modo = try Toy("modo").settled(gradients, losses: losses, steps: 4000).weights
    #expect(isClose(modo, inverse.map { $0 / sum }, 1e-6))
    #expect(
      isClose(try Toy("sdmgrad").settled(identity, losses: losses, steps: 5).weights, [0.5, 0.5]))
  }

  @Test func gradNormBringsTheNormsTogether() throws {
    let toy = try Toy("gradnorm")
    _ = try toy.step([1, 1], [[1, 0], [0, 3]])
    toy.weighting.endEpoch(0, meanLosses: [1, 1])
    let weights = try toy.settled([[1, 0], [0, 3]], steps: 2000).weights
    #expect(isClose(weights, [1.5, 0.5], 0.1))
  }

  @Test func singleStepsAreAsByHand() throws {
    let mgda = try Toy("mgda").settled(conflict)
    #expect(isClose(mgda.weights, [0.6, 0.4]))
    let parallel = try Toy("mgda").settled([[1, 0], [2, 0]])
    #expect(isClose(parallel.weights, [0.999, 0.001]))
    let projected = try Toy("pcgrad").settled(conflict)
    #expect(isClose(projected.merged, [0.5, 1.5], 1e-7))
    // The first similarity that is aimed at is 0.
    let turned = try Toy("gradvac").settled(conflict)
    #expect(isClose(turned.merged, [0.5, 1.5], 1e-7))
    let mean = try Toy("cagrad", [.init("c", .number(0))]).settled(conflict).merged
    #expect(isClose(mean, [0, 0.5], 1e-7))
    let impartial = try Toy("imtl_g").settled(conflict).weights
    let root = 2.0.squareRoot()
    #expect(isClose(impartial, [root / (1 + root), 1 / (1 + root)]))
    let aligned = try Toy("aligned_mtl").settled([[2, 0], [0, 5]]).merged
    #expect(isClose(aligned, [2, 2]))
    let agreeing = try Toy("upgrad").settled([[2, 0], [1, 5]])
    #expect(isClose(agreeing.weights, [0.5, 0.5]))
    let raised = try Toy("upgrad").settled(conflict)
    #expect(isClose(raised.weights, [1, 0.75], 1e-3))
  }

  @Test func nashIsFairGradOfOneAndClosedForTwo() throws {
    let fair = try Toy("fairgrad").settled(conflict)
    // √(a/c) with a = 1, b = −1, c = 2.
    let ratio = 0.5.squareRoot()
    let first = 1 / (1 - ratio).squareRoot()
    #expect(isClose(fair.weights, [first, first * ratio], 1e-8))
    // ‖M‖² = T before the bound: Nash-MTL's has norm 1.
    let nash = try Toy("nash_mtl").settled(conflict).merged
    #expect(isClose(nash, fair.merged.map { $0 / 2.0.squareRoot() }, 1e-8))
  }

  /// Methods that promise it harm no task, to first order.
  @Test(arguments: ["mgda", "pcgrad", "imtl_g", "fairgrad", "nash_mtl", "upgrad"])
  func noTaskIsHarmed(_ name: String) throws {
    let merged = try Toy(name).settled(conflict).merged
    for row in conflict { #expect(row[0] * merged[0] + row[1] * merged[1] > -1e-3, "\(name)") }
  }

  private func descend(_ toy: Toy) throws -> [Double] {
    var x = [0.3, 2.0]
    for _ in 0..<3000 {
      let (losses, gradients) = quadratics(x)
      let merged = try toy.step(losses, gradients).merged
      x = zip(x, merged).map { $0 - 0.02 * $1 }
    }
    return x
  }

  @Test func fixedWeightsEndAtTheirMinimum() throws {
    let end = try descend(Toy("fixed"))
    #expect(isClose(end, [0.6, 0], 1e-6))
  }

  /// Their totals are Σ ln L and constants at the best s, or grow with it.
  @Test(arguments: ["gls", "scale_invariant", "imtl_l", "exp", "libmtl", "kendall"])
  func scaleInvariantMethodsMinimiseTheProduct(_ name: String) throws {
    let toy =
      ["exp", "libmtl", "kendall"].contains(name)
      ? try Toy("uncertainty", [option("form", name), option("bound", "none")]) : try Toy(name)
    let end = try descend(toy)
    let (losses, gradients) = quadratics(end)
    #expect(abs(end[1]) < 1e-4)
    #expect(abs(gradients[0][0] / losses[0] + gradients[1][0] / losses[1]) < 1e-3, "\(name)")
  }

  @Test(arguments: ["mgda", "pcgrad", "cagrad", "imtl_g", "upgrad"])
  func theseStopOnTheParetoSet(_ name: String) throws {
    let end = try descend(Toy(name))
    #expect(abs(end[1]) < 1e-3 && abs(end[0]) < 1, "\(name): \(end)")
  }

  @Test(arguments: weightings.names) func gradientsThatAreNotFiniteAreRefused(_ name: String) throws
  {
    let toy = try Toy(name)
    guard case .gradients = toy.weighting.rule else { return }
    for bad in [Double.nan, .infinity] {
      #expect(throws: WeightingError.nonFiniteGradient(task: "b")) {
        try toy.step([1, 1], [[1, 0], [bad, 1]])
      }
    }
  }

  /// Zero, parallel and opposite gradients: a finite update whatever the method.
  @Test(arguments: weightings.names) func degenerateGradientsGiveFiniteUpdates(_ name: String)
    throws
  {
    for rows in [
      [[1.0, 2], [0, 0]], [[0, 0], [0, 0]], [[1, 2], [2, 4]], [[1, 2], [-1, -2]],
      [[1e-20, 0], [0, 1e20]],
    ] {
      let step = try Toy(name).settled(rows, steps: 3)
      let isFinite = step.merged.allSatisfy { $0.isFinite }
      #expect(isFinite, "\(name) of \(rows): \(step.merged)")
    }
  }

  /// A batch without a task's label says nothing about how that task's gradient meets the others.
  @Test(arguments: ["modo", "sdmgrad"])
  func aTaskMissingFromOneOfThreeBatchesKeepsItsWeight(name: String) throws {
    let weighting = try weightings.make(Selection(name, []), at: "weighting")
    try weighting.begin([BalancedTask("a", .classification), BalancedTask("b", .regression)])
    guard case .gradients(let method) = weighting.rule else { return }
    func sample(_ rows: [[Double]?]) -> TaskGradients {
      TaskGradients(rows.map { [$0.map { Tensor($0, shape: [2]) }] }, shapes: [[2]])
    }
    func step(_ second: [[Double]?]) throws -> [Double] {
      try method.combined(
        [sample([[3, 0], [-1, 1]]), sample(second), sample([[3, 0], [-1, 1]])],
        losses: [1, 1], names: ["a", "b"]
      ).weights
    }
    let state = method.state.mapValues(\.doubles)
    #expect(isClose(try step([[3, 0], nil]), [0.5, 0.5]))
    #expect(method.state.mapValues(\.doubles) == state)
    let moved = try step([[3, 0], [-1, 1]])
    #expect(!isClose(moved, [0.5, 0.5], 1e-6))
  }
}
