import COpenMP
import CResources

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The number of threads. Loops here and oneDNN's primitives share libgomp's pool, so that no loop
/// competes with another library's spinning workers. Parallel regions are never nested.
public enum Threads {
  nonisolated(unsafe) private static var configured = granted(availableCPUs)

  /// The number of CPUs that this process may use, by its affinity mask and the quota of its
  /// control group.
  public static let availableCPUs = max(1, min(Int(athanor_openmp_processors()), quotaCPUs ?? .max))

  /// The number of threads that parallel loops and compute libraries use. Set it before computing:
  /// results are bit-identical for the same count, not across counts.
  ///
  /// It may be smaller than the number that was set, where a limit of the system or of OpenMP
  /// allows no more.
  public static var count: Int {
    get { configured }
    set { configured = granted(newValue) }
  }

  /// The largest number of threads that was set and granted so far.
  nonisolated(unsafe) private static var known = 1

  /// How many of this number of threads the system and OpenMP grant. With more, a oneDNN primitive
  /// waits forever for the missing ones, and libgomp ends the process where it cannot start a
  /// thread: so starting them is tried here first.
  private static func granted(_ count: Int) -> Int {
    guard count > known else { return max(1, count) }
    let started = Int(athanor_grantable_threads(Int32(min(count - 1, 4096))))
    let granted = Int(athanor_openmp_granted(Int32(started + 1)))
    known = max(known, granted)
    // Each of them detects a stack that is too small.
    athanor_openmp_parallel({ _, _, _ in athanor_watch_stack() }, nil, Int32(granted))
    return granted
  }

  /// Runs `body` on a thread of its own, with all its parallel loops on that thread. False where
  /// the system grants no thread: then nothing is run.
  public static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let context = Unmanaged.passRetained(Body(run: body))
    let status = athanor_start_thread(
      { Unmanaged<Body>.fromOpaque($0!).takeRetainedValue().begin() }, context.toOpaque())
    if status != 0 { context.release() }
    return status == 0
  }

  private final class Body: Sendable {
    private let run: @Sendable () -> Void

    init(run: @escaping @Sendable () -> Void) { self.run = run }

    func begin() { Threads.serially(run) }
  }

  /// Runs `body` with all its parallel loops on the calling thread.
  ///
  /// For threads other than the main one, each of which would get its own pool of workers. Loops
  /// then have a single range: use it only where a result does not depend on the split into ranges.
  public static func serially<Result>(_ body: () throws -> Result) rethrows -> Result {
    athanor_openmp_serial(1)
    defer { athanor_openmp_serial(-1) }
    return try body()
  }

  static var isSerial: Bool { athanor_openmp_is_serial() != 0 }

  /// The threads that the calling thread may use. Sets OpenMP's number of threads, which is
  /// separate for each calling thread.
  static func prepare() -> Int {
    let threads = isSerial ? 1 : configured
    athanor_openmp_set_threads(Int32(threads))
    return threads
  }

  /// ⌈quota/period⌉ of the control group, version 2 or 1; nil where there is no limit.
  private static var quotaCPUs: Int? {
    let files = [
      ["/sys/fs/cgroup/cpu.max"],
      ["/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"],
    ]
    for paths in files {
      let numbers = paths.flatMap(words).map { Int($0) }
      guard numbers.count >= 2, let quota = numbers[0], let period = numbers[1], quota > 0,
        period > 0
      else { continue }
      return (quota + period - 1) / period
    }
    return nil
  }

  /// The words on the first line of a small file; none where it cannot be read.
  private static func words(_ path: String) -> [Substring] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return [] }
    return String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      .split(whereSeparator: \.isWhitespace)
  }
}
