import ArgumentParser
import AthanorCore
import AthanorExperiment
import AthanorKernels
import AthanorParity
import Foundation

struct ParityCommand: ParsableCommand, LimitedOptions {
  static let configuration = CommandConfiguration(
    commandName: "parity",
    abstract: "Compare preprocessing with OpenCV in output and speed, losses with a C++ reference.",
    discussion: """
      EXAMPLES
        athanor parity
        athanor parity --only resize_linear --size 1920x1080 --threads 1,2
        athanor parity --only losses
        athanor parity --json > parity.json

      Exit code 1 where an output or a loss is not at parity.
      """)

  @Option(help: "An op, or losses; may be repeated (default: all).") var only: [String] = []
  @Option(help: "Input size; may be repeated (default: 640x480, 1920x1080, 3840x2160).")
  var size: [Size] = []
  @Option(help: "Thread counts (default: 1 to all CPUs).") var threads: ThreadCounts?
  @Option(help: "Pairs of calls a row.") var `repeat` = 15
  @Option(help: "Draw the ratios to this PNG or SVG.") var figure: String?
  @Flag(help: "Print one JSON object.") var json = false

  var limits: [Limit] { [Limit("repeat", `repeat`, 1...10_000)] }

  func run() throws {
    let sizes = size.isEmpty ? Size.usual : size
    let run = try ParityRun(
      only: only, sizes: sizes.map { ($0.width, $0.height) },
      threads: threads?.counts ?? ThreadCounts.all.counts, repeats: `repeat`)
    guard figure == nil || !run.ops.isEmpty else {
      throw ValidationError("--figure: expected an op to draw, received losses alone")
    }
    if let figure {
      var outputs = OutputFiles(inputs: [])
      try outputs.claim(figure, FileContent(ofName: figure))
    }
    let bar = ProgressBar("parity", total: run.count, unit: "row")
    let report = try run { bar.update($0, $1) }
    bar.finish()
    if let figure {
      let height = 200 + 24 * Set(report.rows.map(\.op)).count
      try Gnuplot(width: 1100, height: height).draw(report.figure, to: figure)
    }
    print(json ? report.json.compact : report.markdown, terminator: json ? "\n" : "")
    guard report.isAtParity else { throw ExitCode.failure }
  }

  /// `1920x1080`.
  struct Size: ExpressibleByArgument {
    static let usual = [Size(640, 480), Size(1920, 1080), Size(3840, 2160)]
    let width: Int
    let height: Int

    init(_ width: Int, _ height: Int) {
      self.width = width
      self.height = height
    }

    init?(argument: String) {
      let parts = argument.split(separator: "x").map { Int($0) }
      guard parts.count == 2, let width = parts[0], let height = parts[1],
        (16...16384).contains(width), (16...16384).contains(height)
      else { return nil }
      self.init(width, height)
    }
  }

  /// `1,2`.
  struct ThreadCounts: ExpressibleByArgument {
    let counts: [Int]

    /// 1, 2, 4, … up to and including all CPUs.
    static var all: ThreadCounts {
      let most = Threads.availableCPUs
      var counts = [1]
      while counts.last! * 2 < most { counts.append(counts.last! * 2) }
      return ThreadCounts(counts: most > 1 ? counts + [most] : counts)
    }

    private init(counts: [Int]) { self.counts = counts }

    init?(argument: String) {
      let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
      let counts = parts.compactMap { $0 }
      guard counts.count == parts.count, counts.allSatisfy({ threadCounts.contains($0) }) else {
        return nil
      }
      self.counts = counts
    }
  }
}
