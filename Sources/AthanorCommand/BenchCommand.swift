import ArgumentParser
import AthanorLab

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure speed on this machine.",
    discussion: """
      EXAMPLES
        athanor bench train
        athanor bench train --backbone resnet10 --size 128 --batch 16 --json
      """,
    subcommands: [Train.self])

  struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "train", abstract: "An SGD step of the reference network, against sgemm.")
    @Option(help: "A name of list backbones.") var backbone = "resnet18"
    @Option(help: "Pixels a side.") var size = 256
    @Option(help: "Images a step.") var batch = 8
    @Option(help: "Steps to measure.") var steps = 5
    @OptionGroup var threads: ThreadOptions
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
      threads.apply()
      let report = try TrainBenchmark.run(
        backbone: backbone, size: size, batch: batch, steps: steps)
      print(json ? report.compact : report.pretty)
    }
  }
}
