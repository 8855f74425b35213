import AthanorExperiment

/// Shows the progress of long work on a terminal: bars, and lines on standard error.
struct TerminalMonitor: Monitor {
  func note(_ line: String) { Terminal.error.write(line + "\n") }

  func begin(_ title: String, total: Int, unit: String) -> any ProgressMeter {
    ProgressBar(title, total: total, unit: unit)
  }
}
