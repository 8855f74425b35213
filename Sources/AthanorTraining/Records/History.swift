/// The records of a run's epochs, as Keras's `History`.
public struct History: Codable, Equatable, Sendable {
  public var epochs: [EpochRecord] = []

  public init() {}

  /// The epoch with the best score on the validation set, the earliest of equal ones.
  public var best: EpochRecord? {
    epochs.filter { $0.score != nil }.reduce(nil) { best, epoch in
      best.map { epoch.score! > $0.score! ? epoch : $0 } ?? epoch
    }
  }
}

extension History {
  /// The first value that no run can have recorded: the range expected for it in its epoch, and the
  /// value; nil where there is none.
  ///
  /// - Parameters:
  ///   - tasks: the weighted tasks.
  ///   - shares: the metrics that range from 0 to 1.
  func mismatch(tasks: [String], shares: [String]) -> (expected: String, received: String)? {
    for record in epochs {
      if let mismatch = record.mismatch(tasks: Set(tasks), shares: Set(shares)) {
        return ("\(mismatch.expected) in epoch \(record.epoch)", mismatch.received)
      }
    }
    return nil
  }
}

extension EpochRecord {
  fileprivate func mismatch(
    tasks: Set<String>, shares: Set<String>
  ) -> (expected: String, received: String)? {
    // Signed distances and regularizers may be negative, losses, totals and weights with them.
    let any = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    let positive = 0...Double.greatestFiniteMagnitude
    let values: [(String, Double?, ClosedRange<Double>)] =
      [
        ("seconds", seconds, 0...1e9), ("learningRate", learningRate, positive),
        ("total", total, any), ("score", score, 0...1),
      ]
      + losses.map { ("losses.\($0)", $1, any) } + weights.map { ("weights.\($0)", $1, any) }
      + (sigmas ?? [:]).map { ("sigmas.\($0)", $1, positive) }
      + metrics.map { ("metrics.\($0)", $1, shares.contains($0) ? 0...1 : positive) }
    for (name, value, range) in values.sorted(by: { $0.0 < $1.0 }) {
      guard let value, !range.contains(value) else { continue }
      let words = range == any ? "a finite number" : "\(range.lowerBound) to \(range.upperBound)"
      return ("\(name) of \(words)", "\(value)")
    }
    let named = Set(weights.keys).union((sigmas ?? [:]).keys)
    if let stranger = named.subtracting(tasks).min() {
      return ("weights of \(tasks.sorted().joined(separator: ", "))", "'\(stranger)'")
    }
    return nil
  }
}

/// One epoch: a row of `history.csv`.
public struct EpochRecord: Codable, Equatable, Sendable {
  /// Counted from 1.
  public var epoch: Int
  /// Updates since the beginning of the run.
  public var step: Int
  /// The mean of each raw loss over the epoch's batches in which its task was present.
  public var losses: [String: Double]
  /// The mean of the balanced loss.
  public var total: Double
  /// The mean weight of each task.
  public var weights: [String: Double]
  /// σ of each task after the epoch, where the weighting learns one.
  public var sigmas: [String: Double]?
  /// Validation metrics by name (`segmentation/mIoU`, `detection/AP50`, …), of epochs that were
  /// evaluated.
  public var metrics: [String: Double]
  /// The score that decides which checkpoint is best; nil where the epoch was not evaluated.
  public var score: Double?
  public var learningRate: Double
  public var seconds: Double
}
