import Foundation

/// The machine's processor, for records of measurements.
public enum Processor {
  /// Its model name; `unknown` where the system does not report one.
  public static let name: String = {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.drop { $0 == " " } }.map(String.init)
      ?? "unknown"
  }()
}
