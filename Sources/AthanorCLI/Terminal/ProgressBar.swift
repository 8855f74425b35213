import AthanorCore
import AthanorExperiment
import Foundation
import Synchronization

/// A line that is redrawn on a terminal: percentage, bar, n/total, elapsed<ETA, rate and details.
///
/// Off a terminal it draws nothing; `note` writes lines worth keeping. May be used from any thread.
public final class ProgressBar: ProgressMeter {
  private struct State {
    var start: ContinuousClock.Instant
    var drawn: ContinuousClock.Instant?
    var isVisible = false
  }

  private let terminal: Terminal
  private let title: String
  private let total: Int
  private let unit: String
  private let state: Mutex<State>

  /// - `title`: The text at the start of the line: `epoch 3/20`.
  /// - `unit`: The unit that is counted, for the rate: `step`.
  public init(_ title: String, total: Int, unit: String = "it", on terminal: Terminal = .error) {
    self.terminal = terminal
    self.title = title
    self.total = total
    self.unit = unit
    state = Mutex(State(start: .now))
  }

  /// Shows that `done` of the total are done. Redraws at most ten times per second.
  public func update(_ done: Int, _ details: @autoclosure () -> String) {
    guard terminal.isInteractive else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      if let drawn = state.drawn, now - drawn < .milliseconds(100), done < total { return }
      let line = Self.line(
        title, done: done, total: total, unit: unit, seconds: (now - state.start).seconds,
        details: details(), width: terminal.width - 1)
      terminal.write("\r\u{1B}[2K" + line)
      state.drawn = now
      state.isVisible = true
    }
  }

  /// Writes a permanent line above the bar.
  public func note(_ line: String) {
    state.withLock { state in
      terminal.write((state.isVisible ? "\r\u{1B}[2K" : "") + line + "\n")
      state.isVisible = false
    }
  }

  public func milestone(_ line: String) {
    if !terminal.isInteractive { note(line) }
  }

  /// Removes the bar.
  public func finish() {
    state.withLock { state in
      if state.isVisible { terminal.write("\r\u{1B}[2K") }
      state.isVisible = false
    }
  }

  /// The line, cut to `width` characters.
  public static func line(
    _ title: String, done: Int, total: Int, unit: String, seconds: Double, details: String,
    width: Int
  ) -> String {
    let fraction = total > 0 ? min(1, Double(done) / Double(total)) : 1
    let rate = seconds > 0 ? Double(done) / seconds : 0
    let left = rate > 0 ? clock(Double(total - done) / rate) : "--:--"
    let speed =
      rate == 0
      ? "" : rate >= 1 ? " \(fixed(rate, 1)) \(unit)/s" : " \(fixed(1 / rate, 1)) s/\(unit)"
    let percentage = "\(Int(fraction * 100))%"
    let head = "\(title) \(String(repeating: " ", count: 4 - percentage.count))\(percentage)"
    let tail = "\(done)/\(total) \(clock(seconds))<\(left)\(speed)"
    let rest = details.isEmpty ? "" : "  \(details)"
    let room = min(30, width - head.count - tail.count - rest.count - 4)
    let bar = room >= 5 ? " │\(filled(fraction, room))│" : ""
    return String("\(head)\(bar) \(tail)\(rest)".prefix(width))
  }

  private static func filled(_ fraction: Double, _ width: Int) -> String {
    let eighths = Int(fraction * Double(width * 8))
    let partial = eighths % 8 == 0 ? "" : String(Array("▏▎▍▌▋▊▉")[eighths % 8 - 1])
    let bar = String(repeating: "█", count: eighths / 8) + partial
    return bar + String(repeating: " ", count: width - bar.count)
  }
}
