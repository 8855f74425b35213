import AthanorCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// (1 − p)^power.
public struct PolynomialSchedule: Schedule {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var power = 0.9

    public init() {}
  }

  public static let name = "polynomial"
  public static let summary = "(1 - progress) to a power: DeepLab's \"poly\""
  public static let source = "Chen et al. 2017 (DeepLab)"

  private let options: Options

  public init(_ options: Options) { self.options = options }

  /// With the default of each option that is not given.
  public init(power: Double = Options().power) {
    var options = Options()
    options.power = power
    self.init(options)
  }

  public func factor(progress: Double, epoch: Int) -> Double { pow(1 - progress, options.power) }
}
