/// Receives the progress of long work, and messages for the user.
///
/// The library prints nothing by itself. A program that wants to show progress runs the work within
/// `Monitoring.$monitor.withValue(…)`, as the command line does.
public protocol Monitor: Sendable {
  /// Receives a line worth keeping.
  func note(_ line: String)
  /// Work of `total` units starts; `title` describes it, `unit` names what is counted.
  func begin(_ title: String, total: Int, unit: String) -> any ProgressMeter
}

extension Monitor {
  public func warn(_ text: String) { note("warning: \(text)") }
}

/// The progress of one piece of work. May be used from any thread.
public protocol ProgressMeter: Sendable {
  func update(_ done: Int, _ details: @autoclosure () -> String)
  /// Receives a line worth keeping.
  func note(_ line: String)
  /// A part is done: worth a line where progress cannot be drawn.
  func milestone(_ line: String)
  func finish()
}

extension ProgressMeter {
  public func update(_ done: Int) { update(done, "") }
}

/// The monitor of the work that runs on this thread.
public enum Monitoring {
  @TaskLocal public static var monitor: any Monitor = SilentMonitor()
}

var monitor: any Monitor { Monitoring.monitor }

/// Ignores everything.
public struct SilentMonitor: Monitor, ProgressMeter {
  public init() {}
  public func note(_ line: String) {}
  public func begin(_ title: String, total: Int, unit: String) -> any ProgressMeter { self }
  public func update(_ done: Int, _ details: @autoclosure () -> String) {}
  public func milestone(_ line: String) {}
  public func finish() {}
}
