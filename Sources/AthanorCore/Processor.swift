import Foundation

/// The machine's processor, for records of what was measured on it.
public enum Processor {
  /// The name it gives itself; `unknown` where the system does not say.
  public static let name: String = {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.drop { $0 == " " } }.map(String.init)
      ?? "unknown"
  }()
}
