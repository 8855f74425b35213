/// Tells whoever started long work how far it is, and what they should know.
///
/// The library says nothing by itself. A program that wants to show it runs the work within
/// `Monitoring.$monitor.withValue(…)`, as the command line does with its bars and lines.
public protocol Monitor: Sendable {
  /// A line worth keeping.
  func note(_ line: String)
  /// Work of `total` units has begun; `title` is what it is, `unit` what is counted.
  func begin(_ title: String, total: Int, unit: String) -> any ProgressMeter
}

extension Monitor {
  public func warn(_ text: String) { note("warning: \(text)") }
}

/// How far one piece of work is. May be used from any thread.
public protocol ProgressMeter: Sendable {
  func update(_ done: Int, _ details: @autoclosure () -> String)
  /// A line worth keeping.
  func note(_ line: String)
  /// A part is done: worth a line where progress cannot be drawn.
  func milestone(_ line: String)
  func finish()
}

extension ProgressMeter {
  public func update(_ done: Int) { update(done, "") }
}

/// Who hears of work that runs on this thread.
public enum Monitoring {
  @TaskLocal public static var monitor: any Monitor = SilentMonitor()
}

var monitor: any Monitor { Monitoring.monitor }

/// Hears everything and says nothing.
public struct SilentMonitor: Monitor, ProgressMeter {
  public init() {}
  public func note(_ line: String) {}
  public func begin(_ title: String, total: Int, unit: String) -> any ProgressMeter { self }
  public func update(_ done: Int, _ details: @autoclosure () -> String) {}
  public func milestone(_ line: String) {}
  public func finish() {}
}
