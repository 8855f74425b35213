import AthanorCore
import AthanorExperiment

/// `steps.jsonl` prepared for drawing: every curve as means over equal stretches of the run.
///
/// A mean over a stretch smooths without lag, and runs of equal length have equal stretches, so the
/// mean over seeds is taken stretch by stretch.
struct StepCurves: Sendable {
  /// What is recorded per step, by name of task or pair of tasks.
  enum Quantity: String, CaseIterable, Sendable {
    case losses, weights, sigmas, gradientNorms, cosines
  }

  /// The means of one curve; nil for a stretch in which nothing was recorded.
  typealias Curve = [Double?]

  /// The largest number of stretches.
  static let resolution = 60
  /// The first steps are slower than the others: caches are filled and primitives created.
  private static let warmup = 10

  /// The number of steps of the whole run.
  private(set) var steps = 0
  private(set) var curves: [Quantity: [String: Curve]] = [:]
  /// The median over the steps after the first ten in which no gradient was recorded.
  private(set) var millisecondsPerStep: Double?

  /// The middle of each stretch.
  var middles: [Double] {
    let count = min(Self.resolution, steps)
    return (0..<count).map { (Double($0) + 0.5) * Double(steps) / Double(count) }
  }

  /// Why there are no curves; nil where there are.
  private(set) var problem: String?

  /// Reads the log. There are no steps or curves where the file cannot be read, where one of its
  /// lines is not the record of its step, or where it belongs to other tasks than `tasks`;
  /// `problem` says which.
  init(contentsOf path: String, tasks: [String]) {
    let (records, problem) = Self.records(of: path, tasks)
    self.init(records, tasks: tasks)
    self.problem = problem
  }

  private static func records(of path: String, _ tasks: [String]) -> ([JSON], problem: String?) {
    do {
      let lines = try AtomicFile.read(path).split(separator: UInt8(ascii: "\n"))
      let records = try lines.enumerated().map { index, line in
        do {
          let record = try JSON(parsing: Array(line), file: path)
          guard let fault = fault(of: record, step: index, tasks) else { return record }
          throw ContentError(
            path: "\(path):\(index + 1)", expected: fault.expected, received: fault.received)
        } catch var error as JSONError {
          error.line = index + 1
          throw error
        }
      }
      return (records, nil)
    } catch {
      return ([], "\(error)")
    }
  }

  /// What is wrong with the record of a step; nil where nothing is. A task may be missing in a
  /// step, and the terms of a loss are recorded in addition to it.
  private static func fault(
    of record: JSON, step: Int, _ tasks: [String]
  ) -> (expected: String, received: String)? {
    guard record["step"]?.integer == step else {
      return ("step \(step)", record["step"]?.compact ?? "no key 'step'")
    }
    for quantity in [Quantity.losses, .weights] {
      guard let members = record[quantity.rawValue]?.object else {
        return ("'\(quantity.rawValue)' by task", record[quantity.rawValue]?.compact ?? "none")
      }
      let isTerm = { (name: String) in
        quantity == .losses && tasks.contains { name.hasPrefix("\($0).") }
      }
      if let other = members.first(where: { !tasks.contains($0.key) && !isTerm($0.key) }) {
        return ("\(tasks.joined(separator: ", ")) in '\(quantity.rawValue)'", "'\(other.key)'")
      }
    }
    return nil
  }

  init(_ records: [JSON], tasks: [String]) {
    steps = records.count
    let count = min(Self.resolution, steps)
    var sums: [Quantity: [String: [(sum: Double, count: Double)]]] = [:]
    for (index, record) in records.enumerated() {
      for quantity in Quantity.allCases {
        for member in record[quantity.rawValue]?.object ?? [] {
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

  /// The median of the available records, where a run is shorter or records gradients at every
  /// step.
  private static func median(of records: [JSON]) -> Double? {
    let warm = records.count > warmup ? Array(records.dropFirst(warmup)) : records
    let plain = warm.filter { $0["gradientNorms"] == nil }
    let times = (plain.isEmpty ? warm : plain).compactMap { $0["milliseconds"]?.number }
    return times.isEmpty ? nil : AthanorCore.median(times)
  }

  /// The mean of one curve over runs of the same length.
  static func mean(_ quantity: Quantity, _ name: String, of runs: [StepCurves]) -> Curve {
    let all = runs.compactMap { $0.curves[quantity]?[name] }
    guard let first = all.first else { return [] }
    return first.indices.map { i in Spread(all.compactMap { $0[i] })?.mean }
  }
}
