import Foundation
import Testing

/// The environment in which the program is started: system limits, closed streams, missing programs
/// and folders. Each case ends in normal work, or in a message and exit code 1, never by a signal
/// or by waiting forever.
@Suite(
  .enabled(if: AthanorBinary.has("train"), "this build has no `athanor train`"), .serialized)
struct SurroundingsTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    /// Shell commands that run before the shell is replaced by the program: `ulimit`, `export`,
    /// `cd`.
    var before = ""
    /// `RUN` in them stands for a run of the smallest network.
    var arguments = SurroundingsTests.training
    /// Text after the command: redirections.
    var behind = ""
    var status: Set<Int32> = [0, 1]
    /// Texts that the output must contain.
    var says: [String] = []

    var testDescription: String { name }
  }

  /// One epoch of the smallest network, into a folder that must exist afterwards.
  static let training = CrashTests.arguments("$HERE/run", epochs: 1)
  static let evaluation = ["eval", "RUN", "--threads", "2"]
  static let list = ["list", "losses"]

  @Test(arguments: [
    Case(
      name: "OpenMP grants one thread", before: "export OMP_THREAD_LIMIT=1", status: [0],
      says: ["1 of 2 threads", "1 thread"]),
    Case(name: "OpenMP grants no region", before: "export OMP_MAX_ACTIVE_LEVELS=0", status: [0]),
    Case(name: "OpenMP decides by load", before: "export OMP_DYNAMIC=true", status: [0]),
    Case(name: "350 MB", before: "ulimit -v 358400"),
    Case(name: "450 MB", before: "ulimit -v 460800"),
    Case(name: "550 MB", before: "ulimit -v 563200"),
    Case(name: "650 MB", before: "ulimit -v 665600"),
    Case(name: "900 MB", before: "ulimit -v 921600"),
    Case(name: "400 MB, evaluation", before: "ulimit -v 409600", arguments: evaluation),
    Case(name: "8 descriptors", before: "ulimit -n 8"),
    Case(name: "12 descriptors", before: "ulimit -n 12"),
    Case(name: "8 descriptors, evaluation", before: "ulimit -n 8", arguments: evaluation),
    Case(name: "a stack of 64 kB", before: "ulimit -s 64"),
    Case(name: "a stack of 256 kB", before: "ulimit -s 256"),
    Case(name: "small stacks of threads", before: "export OMP_STACKSIZE=64k"),
    Case(
      name: "no gnuplot", before: "export PATH=$HERE", status: [0],
      says: ["gnuplot is not installed"]),
    Case(name: "no HOME", before: "unset HOME", status: [0]),
    Case(name: "Turkish", before: "export LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8", status: [0]),
    Case(name: "no such locale", before: "export LC_ALL=nonsense TZ=nonsense", status: [0]),
    Case(name: "no standard input", behind: "<&-", status: [0]),
    Case(name: "no standard error", behind: "2>&-", status: [0]),
    Case(name: "no standard streams", behind: "<&- >&- 2>&-", status: [1]),
    Case(
      name: "no standard output", arguments: list, behind: ">&-", status: [1],
      says: ["standard output: cannot write"]),
    Case(
      name: "a full disk at standard output", arguments: list, behind: ">/dev/full", status: [1],
      says: ["standard output: cannot write", "No space left"]),
    Case(
      name: "help on a full disk", arguments: ["--help"], behind: ">/dev/full", status: [1],
      says: ["standard output: cannot write"]),
    Case(
      name: "a reader that has gone", arguments: ["list", "losses", "--json"],
      behind: "| head -c 1 >/dev/null", status: [0]),
    Case(
      name: "a deleted working directory", before: "mkdir gone; cd gone; rmdir ../gone",
      arguments: list, status: [0]),
    Case(
      name: "a run in a deleted working directory",
      before: "mkdir gone; cd gone; rmdir ../gone", arguments: ["train"], status: [1]),
  ])
  func worksOrSaysWhy(_ test: Case) throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let arguments = test.arguments.map {
      $0 == "RUN" ? BadInputTests.run : $0.replacing("$HERE", with: folder)
    }
    // The timeout detects waiting forever; even a busy machine does not take that long.
    let script = """
      HERE='\(folder)'
      limit=$(command -v timeout)
      \(test.before)
      "$limit" -s KILL 120 '\(AthanorBinary.path)' "$@" \(test.behind)
      """
    let result = try AthanorBinary.run("bash", ["-c", script, "x"] + arguments, in: folder)
    #expect(test.status.contains(result.status), "exit code \(result.status): \(result.all)")
    if result.status == 1, !test.behind.contains("2>&-") {
      #expect(result.stderr.contains("Error: ") || result.stderr.contains("libgomp: "))
    }
    for word in test.says { #expect(result.all.contains(word), "\(result.all)") }
    if result.status == 0, test.arguments == Self.training {
      try CrashTests.expectReadable("\(folder)/run")
    }
    let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    #expect(!files.contains { $0.hasSuffix(".tmp") }, "\(files)")
  }

  /// Every reader and every writer of a file, on a FIFO that nobody has open.
  @Test(arguments: [
    ["train", "pipe.yaml"], ["train", "--set", "network.weights=pipe.safetensors"],
    ["eval", "pipe.safetensors"], ["ablate", "pipe.yaml", "--out", "o"],
    ["preprocess", "flip", "pipe.png", "o.png"], ["preprocess", "flip", "image.png", "pipe.png"],
    ["loss", "dice", "--prediction", "pipe.npy", "--target", "pipe.npy"],
    ["balance", "fixed", "--losses", "pipe.npy", "--out", "o.npy"],
    ["metrics", "detection", "--truth", "pipe.json", "--results", "pipe.json"],
    ["notebook", "check", "pipe.yaml"], ["report", "pipe.yaml"],
    ["preprocess", "flip", "image.png", "/dev/null"],
    ["preprocess", "flip", "/dev/zero", "o.png"],
  ])
  func aFIFOIsRefused(_ arguments: [String]) throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try BadInputTests.Content.gray(width: 8, height: 8, value: 1).write(to: "\(folder)/image.png")
    for kind in ["yaml", "safetensors", "png", "npy", "json"] {
      #expect(mkfifo("\(folder)/pipe.\(kind)", 0o644) == 0)
    }
    let script = "timeout -s KILL 60 '\(AthanorBinary.path)' \"$@\""
    let result = try AthanorBinary.run("bash", ["-c", script, "x"] + arguments, in: folder)
    #expect(result.status == 1, "exit code \(result.status): \(result.all)")
    #expect(result.all.contains("pipe.") || result.all.contains("/dev/"), "\(result.all)")
  }

  /// Stopped by SIGINT, SIGTERM or SIGHUP at any time: exit code 75, and the same bits in the end.
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func aSignalSavesAndStops(_ signal: Int32) throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let process = try AthanorBinary.start(CrashTests.arguments("run", epochs: 500), in: folder)
    let config = "\(folder)/run/config.yaml"
    while process.isRunning, !FileManager.default.fileExists(atPath: config) { usleep(2000) }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 75)
    try CrashTests.expectReadable("\(folder)/run")
    let last = "\(folder)/run/checkpoints/last.safetensors"
    #expect(FileManager.default.fileExists(atPath: last))
  }

  /// A file system of half a megabyte, where this process is allowed to mount one.
  @Test func aDiskThatIsReallyFull() throws {
    let folder = try AthanorBinary.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let script = """
      mkdir disk && mount -t tmpfs -o size=512k none disk 2>/dev/null || exit 9
      '\(AthanorBinary.path)' "$@"
      status=$?
      find disk -name '*.tmp'
      exit $status
      """
    let arguments = CrashTests.arguments("disk/run", epochs: 1)
    let result = try AthanorBinary.run(
      "unshare", ["-m", "bash", "-c", script, "x"] + arguments, in: folder)
    guard result.status != 9, !result.stderr.contains("unshare failed") else {
      print("skipped: no file system can be mounted here")
      return
    }
    #expect(result.status == 1, "\(result.all)")
    #expect(result.stderr.contains("cannot write: No space left on device"), "\(result.all)")
    #expect(!result.stdout.contains(".tmp"), "\(result.all)")
  }
}
