import Foundation

/// The memory that this process can still get, and what bounds it.
public struct AvailableMemory: Equatable, Sendable {
  public var bytes: Int
  /// What a message calls it.
  public var bound: String

  public init(bytes: Int, bound: String) { (self.bytes, self.bound) = (bytes, bound) }

  /// The least of what the machine has left, what its control group may have and what the shell's
  /// limit leaves; nil where the system tells none of them.
  public static var now: AvailableMemory? {
    [machine, controlGroup, addressSpace].compactMap { $0 }.min { $0.bytes < $1.bytes }
  }

  /// What can be had without taking it from others, swap included.
  private static var machine: AvailableMemory? {
    let values = kilobytes(in: "/proc/meminfo")
    return values["MemAvailable"].map {
      AvailableMemory(
        bytes: ($0 + (values["SwapFree"] ?? 0)) << 10, bound: "free on this machine")
    }
  }

  /// The limit of a container or of a batch job, by either version of control groups.
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

  /// `ulimit -v`, less what is in use.
  private static var addressSpace: AvailableMemory? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
      // No limit is all bits set.
      let bytes = Int(exactly: limit.rlim_cur)
    else { return nil }
    let used = kilobytes(in: "/proc/self/status")["VmSize"] ?? 0
    return AvailableMemory(bytes: max(0, bytes - used << 10), bound: "left of ulimit -v")
  }

  /// The lines `Key: 123 kB` of a file of the system.
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
