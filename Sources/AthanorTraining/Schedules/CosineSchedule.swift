import AthanorCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// ½(1 + cos πp), down to `final`: f + (1 − f)·½(1 + cos πp).
public struct CosineSchedule: Schedule {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// The factor at the end.
    public var final = 0.0

    public init() {}
  }

  public static let name = "cosine"
  public static let summary = "half a cosine from the base rate down to final"
  public static let source = "Loshchilov & Hutter 2017, eq. 5 (one cycle)"

  private let options: Options

  public init(_ options: Options) { self.options = options }

  /// With the default of each option that is not given.
  public init(final: Double = Options().final) {
    var options = Options()
    options.final = final
    self.init(options)
  }

  public func factor(progress: Double, epoch: Int) -> Double {
    options.final + (1 - options.final) * 0.5 * (1 + cos(.pi * progress))
  }
}
