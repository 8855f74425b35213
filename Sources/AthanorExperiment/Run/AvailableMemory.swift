import Foundation

/// The memory that this process can still allocate, and what limits it.
public struct AvailableMemory: Equatable, Sendable {
  public var bytes: Int
  /// The name of the limit in messages.
  public var bound: String

  public init(bytes: Int, bound: String) { (self.bytes, self.bound) = (bytes, bound) }

  /// The least of the machine's free memory, the limit of the control group and the limit of the
  /// shell; nil where the system reports none of them.
  public static var now: AvailableMemory? {
    [machine, controlGroup, addressSpace].compactMap { $0 }.min { $0.bytes < $1.bytes }
  }

  /// Memory that is available without taking it from other processes, including swap.
  private static var machine: AvailableMemory? {
    let values = kilobytes(in: "/proc/meminfo")
    return values["MemAvailable"].map {
      AvailableMemory(
        bytes: ($0 + (values["SwapFree"] ?? 0)) << 10, bound: "free on this machine")
    }
  }

  /// The limit of a container or of a batch job, from control groups version 1 or 2.
  private static var controlGroup: AvailableMemory? {
    let groups = text("/proc/self/cgroup").split(separator: "\n")
    var files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    for group in groups {
      let parts = group.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      files.append("/sys/fs/cgroup\(parts[2])/memory.max")
      files.append("/sys/fs/cgroup/memory\(parts[2])/memory.limit_in_bytes")
    }
    let limits = files.compactMap { Int(text($0).trimmingCharacters(in: .newlines)) }
    return limits.min().map {
      AvailableMemory(bytes: $0, bound: "the limit of its control group")
    }
  }

  /// `ulimit -v`, minus the memory in use.
  private static var addressSpace: AvailableMemory? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
      // All bits set means no limit.
      let bytes = Int(exactly: limit.rlim_cur)
    else { return nil }
    let used = kilobytes(in: "/proc/self/status")["VmSize"] ?? 0
    return AvailableMemory(bytes: max(0, bytes - used << 10), bound: "left of ulimit -v")
  }

  /// Reads the lines `Key: 123 kB` of a system file.
  private static func kilobytes(in file: String) -> [String: Int] {
    var values: [String: Int] = [:]
    for line in text(file).split(separator: "\n") {
      let words = line.split { ": \t".contains($0) }
      if words.count == 3, words[2] == "kB", let value = Int(words[1]) {
        values[String(words[0])] = value
      }
    }
    return values
  }

  private static func text(_ file: String) -> String {
    (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
  }
}
