import AthanorCore

/// The base learning rate throughout.
public struct ConstantSchedule: Schedule {
  public static let name = "constant"
  public static let summary = "the base learning rate throughout"
  public static let source = "–"

  public init(_ options: NoOptions = NoOptions()) {}

  public func factor(progress: Double, epoch: Int) -> Double { 1 }
}
