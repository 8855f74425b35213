import AthanorCore

/// A learning-rate schedule: the factor of the base learning rate along the run.
public protocol Schedule: Registered, Sendable {
  /// The factor during `epoch`, at `progress` in [0, 1] of the run after warm-up.
  func factor(progress: Double, epoch: Int) -> Double
}

/// Every schedule by name.
public let schedules = Registry<any Schedule>(
  kind: "learning-rate schedule",
  [
    .init(ConstantSchedule.self) { $0 }, .init(StepSchedule.self) { $0 },
    .init(CosineSchedule.self) { $0 }, .init(PolynomialSchedule.self) { $0 },
  ])

extension Registry<any Schedule> {
  /// Adds a schedule of one's own, under its name.
  public func register<T: Schedule>(_ type: T.Type) { add(.init(type) { $0 }) }
}

/// Linear warm-up from 0 to the base rate, then a schedule (Goyal et al. 2017, §2.2).
public struct WarmedUp: Sendable {
  public var schedule: any Schedule
  /// Updates of the warm-up.
  public var warmup: Int

  public init(_ schedule: any Schedule, warmup: Int) {
    self.schedule = schedule
    self.warmup = warmup
  }

  /// The factor of the base learning rate for update `step` of `steps`.
  public func factor(step: Int, of steps: Int, epoch: Int) -> Double {
    if step < warmup { return Double(step + 1) / Double(warmup + 1) }
    let progress = Double(step - warmup) / Double(max(1, steps - warmup))
    return schedule.factor(progress: min(1, progress), epoch: epoch)
  }
}
