import AthanorBalancing
import AthanorCore
import Foundation
import Testing

@Suite struct UncertaintyWeightingTests {
  typealias Form = UncertaintyWeighting.Form
  typealias Bound = UncertaintyWeighting.Bound

  static let tasks = [
    BalancedTask("segmentation", .classification), BalancedTask("box", .regression),
  ]

  static func make(
    _ form: Form, bound: Bound = .none, start: Double? = nil, lr: Double = 0.025,
    tasks: [BalancedTask] = tasks
  ) throws -> UncertaintyWeighting {
    var options = UncertaintyWeighting.Options()
    options.form = form
    options.bound = bound
    options.initial = start
    options.lr = lr
    let weighting = try UncertaintyWeighting(options)
    try weighting.begin(tasks)
    return weighting
  }

  /// The total written out from the reference's table, for a task with loss L and log-variance s.
  static func total(_ form: Form, _ kind: BalancedTask.Kind, _ loss: Double, _ s: Double) -> Double
  {
    switch (form, kind) {
    case (.kendall, .regression): exp(-s) * loss / 2 + s / 2
    case (.kendall, .classification): exp(-s) * loss + s / 2
    case (.libmtl, _): (exp(-s) * loss + s) / 2
    case (.exp, _): exp(-s) * loss + s
    case (.liebel, _): loss / (2 * exp(s)) + log(1 + exp(s))
    }
  }

  static func total(_ weighting: UncertaintyWeighting, _ losses: [Double?]) -> Double {
    zip(weighting.weights(losses), losses).reduce(weighting.regularizer(losses)) {
      $0 + ($1.0 ?? 0) * ($1.1 ?? 0)
    }
  }

  @Test(arguments: Form.allCases) func totalsFollowTheTable(_ form: Form) throws {
    let losses = [0.7, 2.5]
    for bound in Bound.allCases {
      for start in [-1.5, 0, 0.8] {
        let weighting = try Self.make(form, bound: bound, start: start)
        let expected = zip(Self.tasks, losses).reduce(0) {
          $0 + Self.total(form, $1.0.kind, $1.1, start)
        }
        #expect(abs(Self.total(weighting, losses) - expected) < 1e-12, "\(form) \(bound) \(start)")
        #expect(weighting.sigmas!.allSatisfy { abs($0 - exp(start / 2)) < 1e-12 })
      }
    }
  }

  @Test func defaultsAreTheReferences() throws {
    let options = UncertaintyWeighting.Options()
    #expect(options.form == .kendall && options.bound == .tanh && options.lr == 0.025)
    #expect(try Self.make(.kendall).weights([1, 1]) == [1, 0.5])
    #expect(try Self.make(.exp).weights([1, 1]) == [1, 1])
    #expect(try Self.make(.liebel).weights([1, 1]) == [0.5, 0.5])
    let libmtl = try Self.make(.libmtl)
    #expect(libmtl.logVariances == [-0.5, -0.5])
    #expect(abs(libmtl.weights([1, 1])[0]! - exp(0.5) / 2) < 1e-15)
  }

  /// Where a constant loss settles, and its total there.
  static func fixedPoint(_ form: Form, _ kind: BalancedTask.Kind, _ loss: Double) -> (
    s: Double, total: Double
  ) {
    switch (form, kind) {
    case (.exp, _): return (log(loss), 1 + log(loss))
    case (.libmtl, _), (.kendall, .regression): return (log(loss), (1 + log(loss)) / 2)
    case (.kendall, .classification): return (log(2 * loss), (1 + log(2 * loss)) / 2)
    case (.liebel, _):
      let square = (loss + (loss * loss + 8 * loss).squareRoot()) / 4
      return (log(square), loss / (2 * square) + log1p(square))
    }
  }

  @Test(arguments: Form.allCases) func constantLossesSettleAtTheFixedPoint(_ form: Form) throws {
    for losses in [[0.05, 4.0], [1, 0.5], [9, 0.2]] {
      let weighting = try Self.make(form)
      for _ in 0..<6_000 { weighting.update(losses) }
      let expected = zip(Self.tasks, losses).map { Self.fixedPoint(form, $0.kind, $1) }
      for (s, point) in zip(weighting.logVariances, expected) {
        #expect(abs(s - point.s) < 1e-3, "\(form), losses \(losses): s \(s), not \(point.s)")
      }
      let total = expected.reduce(0) { $0 + $1.total }
      #expect(abs(Self.total(weighting, losses) - total) < 1e-5, "\(form), losses \(losses)")
      if form == .liebel { #expect(Self.total(weighting, losses) > 0) }
    }
  }

  /// The first Adam step is lr against the sign of the gradient, whatever its size; the recorded
  /// steps that follow are held against Adam run on a numerical derivative of the table's total.
  @Test(arguments: Form.allCases, Bound.allCases)
  func stepsAreAdamOnTheTotal(_ form: Form, _ bound: Bound) throws {
    let weighting = try Self.make(form, bound: bound, start: 0.4)
    var generator = Generator(17)
    var raw = [0.4, 0.4].map { bound == .tanh ? 3 * atanh($0 / 3) : $0 }
    var (m, v) = ([0.0, 0.0], [0.0, 0.0])
    for step in 1...60 {
      let losses = [generator.uniform(0.01, 3), generator.uniform(0.01, 3)]
      for i in 0..<2 {
        func value(_ raw: Double) -> Double {
          Self.total(
            form, Self.tasks[i].kind, losses[i], bound == .tanh ? 3 * tanh(raw / 3) : raw)
        }
        let g = (value(raw[i] + 1e-5) - value(raw[i] - 1e-5)) / 2e-5
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        let (a, b) = (1 - pow(0.9, Double(step)), 1 - pow(0.999, Double(step)))
        raw[i] -= 0.025 * (m[i] / a) / ((v[i] / b).squareRoot() + 1e-8)
      }
      weighting.update(losses)
      for i in 0..<2 {
        let s = bound == .tanh ? 3 * tanh(raw[i] / 3) : raw[i]
        #expect(abs(weighting.logVariances[i] - s) < 1e-6, "\(form) \(bound) step \(step)")
      }
    }
  }

  @Test func absentTasksDoNotMove() throws {
    for form in Form.allCases {
      let partial = try Self.make(form)
      let alone = try Self.make(form)
      for step in 0..<20 {
        partial.update([step % 2 == 0 ? 0.3 : nil, 2])
        if step % 2 == 0 { alone.update([0.3, nil]) }
      }
      #expect(partial.logVariances[0] == alone.logVariances[0], "\(form)")
      #expect(alone.logVariances[1] == (form == .libmtl ? -0.5 : 0), "\(form)")
      #expect(partial.weights([nil, 2])[0] == nil)
      let both = partial.regularizer([1, 1])
      let parts = partial.regularizer([1, nil]) + partial.regularizer([nil, 1])
      #expect(abs(both - parts) < 1e-15)
      #expect(partial.regularizer([nil, nil]) == 0)
    }
  }

  @Test func boundHoldsUnderAVanishingLoss() throws {
    let weighting = try Self.make(.kendall, bound: .tanh)
    for _ in 0..<20_000 { weighting.update([0, 1e9]) }
    for (s, w) in zip(weighting.logVariances, weighting.weights([0, 1e9])) {
      #expect(abs(s) <= 3 && w!.isFinite)
    }
  }

  @Test(arguments: Form.allCases) func restoredStateContinuesBitForBit(_ form: Form) throws {
    let losses = (0..<40).map { [0.5 + sin(Double($0)) / 3, $0 % 3 == 0 ? nil : 1.5] }
    let unbroken = try Self.make(form, bound: .tanh)
    for step in losses { unbroken.update(step) }
    let before = try Self.make(form, bound: .tanh)
    for step in losses[..<17] { before.update(step) }
    let after = try Self.make(form, bound: .tanh)
    after.state = before.state
    for step in losses[17...] { after.update(step) }
    #expect(after.state.mapValues(\.doubles) == unbroken.state.mapValues(\.doubles))
  }

  @Test func badOptionsAreRefused() {
    #expect(throws: SettingsError.self) { try Self.make(.kendall, lr: 0) }
    #expect(throws: SettingsError.self) { try Self.make(.kendall, bound: .tanh, start: 3) }
    #expect(throws: SettingsError.self) {
      try weightings.make(
        Selection("uncertainty", [.init("form", .string("kendal"))]), at: "weighting")
    }
  }
}
