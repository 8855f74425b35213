import Foundation

/// What a stream can show, decided once per stream from its destination and the environment.
public struct Terminal: Sendable {
  public let file: Int32
  /// Whether it is a terminal that can redraw a line.
  public let isInteractive: Bool

  public static let output = Terminal(file: STDOUT_FILENO)
  public static let error = Terminal(file: STDERR_FILENO)

  public init(
    file: Int32, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    self.init(file: file, isTerminal: isatty(file) == 1, environment: environment)
  }

  public init(file: Int32, isTerminal: Bool, environment: [String: String]) {
    self.file = file
    isInteractive = isTerminal && environment["TERM"] != "dumb"
  }

  /// The width in columns; 80 where the terminal does not report it.
  public var width: Int {
    var size = winsize()
    guard ioctl(file, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes text immediately, in as many pieces as the stream requires; errors are ignored.
  public func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
