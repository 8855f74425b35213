import AthanorCore

/// `steps.jsonl` for drawing: every curve as means over equal stretches of the run.
///
/// A mean over a stretch smooths without lag, and runs of equal length have equal stretches, so that
/// the mean over seeds is that of the stretches.
struct StepCurves: Sendable {
  /// What is recorded a step, by name of task or pair of tasks.
  enum Quantity: String, CaseIterable, Sendable {
    case losses, weights, sigmas, gradientNorms, cosines
  }

  /// The means of one curve; nil over a stretch in which nothing was recorded.
  typealias Curve = [Double?]

  /// Stretches at most.
  static let resolution = 60
  /// The first steps are slower than the others: caches and primitives are made.
  private static let warmup = 10

  /// Steps of the whole run.
  private(set) var steps = 0
  private(set) var curves: [Quantity: [String: Curve]] = [:]
  /// The median over the steps after the first ten in which no gradient was recorded.
  private(set) var millisecondsPerStep: Double?

  /// The middle of each stretch.
  var middles: [Double] {
    let count = min(Self.resolution, steps)
    return (0..<count).map { (Double($0) + 0.5) * Double(steps) / Double(count) }
  }

  /// Empty where there is no such file.
  init(contentsOf path: String) {
    self.init((try? StepLog.read(path)) ?? [])
  }

  init(_ records: [JSON]) {
    steps = records.count
    let count = min(Self.resolution, steps)
    var sums: [Quantity: [String: [(sum: Double, count: Double)]]] = [:]
    for (index, record) in records.enumerated() {
      let tasks = Set((record["weights"]?.object ?? []).map(\.key))
      for quantity in Quantity.allCases {
        for member in record[quantity.rawValue]?.object ?? [] {
          // The detection loss's terms are recorded beside the tasks' losses.
          if quantity == .losses, !tasks.contains(member.key) { continue }
          guard let value = member.value.number, value.isFinite else { continue }
          let stretch = index * count / steps
          sums[quantity, default: [:]][
            member.key, default: .init(repeating: (0, 0), count: count)][stretch].sum += value
          sums[quantity]![member.key]![stretch].count += 1
        }
      }
    }
    curves = sums.mapValues { $0.mapValues { $0.map { $0.count > 0 ? $0.sum / $0.count : nil } } }
    millisecondsPerStep = Self.median(of: records)
  }

  /// Of what there is, where a run is shorter or records gradients at every step.
  private static func median(of records: [JSON]) -> Double? {
    let warm = records.count > warmup ? Array(records.dropFirst(warmup)) : records
    let plain = warm.filter { $0["gradientNorms"] == nil }
    let times = (plain.isEmpty ? warm : plain).compactMap { $0["milliseconds"]?.number }
    return times.isEmpty ? nil : AthanorCore.median(times)
  }

  /// The mean of one curve over runs of the same length; runs of another length are left out.
  static func mean(_ quantity: Quantity, _ name: String, of runs: [StepCurves]) -> Curve {
    let all = runs.filter { $0.steps == runs.first?.steps }
      .compactMap { $0.curves[quantity]?[name] }
    guard let first = all.first else { return [] }
    return first.indices.map { i in Spread(all.compactMap { $0[i] })?.mean }
  }
}
