import AthanorCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// γ^k, where k counts the milestones (shares of the run) passed.
public struct StepSchedule: Schedule {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Shares of the run in (0, 1) at which the rate drops.
    public var milestones = [0.67, 0.89]
    public var gamma = 0.1

    public init() {}
  }

  public static let name = "step"
  public static let summary = "a drop by gamma at each milestone"
  public static let source = "He et al. 2016; PyTorch's MultiStepLR"

  private let options: Options

  public init(_ options: Options) throws {
    guard options.milestones.allSatisfy({ (0...1).contains($0) }) else {
      throw SettingsError(
        key: "schedule.milestones", expected: "shares of the run between 0 and 1",
        received: "\(options.milestones)")
    }
    self.options = options
  }

  /// With the default of each option that is not given.
  public init(milestones: [Double] = Options().milestones, gamma: Double = Options().gamma) throws {
    var options = Options()
    options.milestones = milestones
    options.gamma = gamma
    try self.init(options)
  }

  public func factor(progress: Double, epoch: Int) -> Double {
    pow(options.gamma, Double(options.milestones.count { progress >= $0 }))
  }
}
