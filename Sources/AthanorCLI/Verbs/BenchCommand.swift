import ArgumentParser
import AthanorCore
import AthanorExperiment

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure speed on this machine.",
    discussion: """
      EXAMPLES
        athanor bench train
        athanor bench train --backbone resnet10 --size 128 --batch 16 --json
        athanor bench losses --python python3
        athanor bench balancing --weighting mgda --weighting famo
        athanor bench metrics --python python3
      """,
    subcommands: [Train.self, Losses.self, Balancing.self, Metrics.self])

  struct Train: ParsableCommand, LimitedOptions {
    static let configuration = CommandConfiguration(
      commandName: "train", abstract: "An SGD step of the reference network, against sgemm.")
    @Option(help: "A name of list backbones.") var backbone = "resnet18"
    @Option(help: "Pixels a side.") var size = 256
    @Option(help: "Images a step.") var batch = 8
    @Option(help: "Steps to measure.") var steps = 5
    @OptionGroup var threads: ThreadOptions
    @Flag(help: "Print one JSON object.") var json = false

    var limits: [Limit] {
      [
        Limit("size", size, 32...16384), Limit("batch", batch, 1...65536), .count("steps", steps),
      ]
    }

    func run() throws {
      threads.apply()
      let report = try TrainBenchmark.run(
        backbone: backbone, size: size, batch: batch, steps: steps)
      print(json ? report.compact : report.pretty)
    }
  }

  struct Losses: ParsableCommand, LimitedOptions {
    static let configuration = CommandConfiguration(
      commandName: "losses",
      abstract: "Value and gradient of every loss, beside memory and PyTorch.")
    @Option(help: "Images.") var batch = 8
    @Option(help: "Pixels a side.") var size = 512
    @Option(help: "Channels of the logits.") var classes = 21
    @Option(help: "Boxes of the box losses.") var boxes = 100_000
    @Option(help: "Runs of each loss.") var `repeat` = 3
    @Option(help: "A Python with torch, timed in turn with ours.") var python: String?
    @OptionGroup var threads: ThreadOptions
    @Flag(help: "Print one JSON object.") var json = false

    var limits: [Limit] {
      [
        Limit("batch", batch, 1...65536), Limit("size", size, 1...16384),
        Limit("classes", classes, 2...65536), .count("boxes", boxes), .count("repeat", `repeat`),
      ]
    }

    func run() throws {
      threads.apply()
      var benchmark = LossBenchmark()
      (benchmark.batch, benchmark.size, benchmark.classes) = (batch, size, classes)
      (benchmark.boxes, benchmark.repeats, benchmark.python) = (boxes, `repeat`, python)
      let report = try benchmark()
      print(json ? report.json.compact : report.markdown, terminator: json ? "\n" : "")
    }
  }

  struct Balancing: ParsableCommand, LimitedOptions {
    static let configuration = CommandConfiguration(
      commandName: "balancing",
      abstract: "A training step under each weighting, against one under fixed weights.")
    @Option(help: "A name of list weightings; may be repeated (default: all).")
    var weighting: [String] = []
    @Option(help: "A name of list backbones.") var backbone = "resnet18"
    @Option(help: "Pixels a side.") var size = 256
    @Option(help: "Images a batch.") var batch = 8
    @Option(help: "Pairs of steps for each weighting.") var `repeat` = 3
    @OptionGroup var threads: ThreadOptions
    @Flag(help: "Print one JSON object.") var json = false

    var limits: [Limit] {
      [
        Limit("size", size, 32...16384), Limit("batch", batch, 1...65536),
        .count("repeat", `repeat`),
      ]
    }

    func run() throws {
      threads.apply()
      var benchmark = BalancingBenchmark()
      (benchmark.backbone, benchmark.size, benchmark.batch) = (backbone, size, batch)
      benchmark.repeats = `repeat`
      if !weighting.isEmpty { benchmark.weightings = weighting.map { Selection($0) } }
      let rows = try benchmark()
      print(
        json ? BalancingBenchmark.json(rows).compact : BalancingBenchmark.markdown(rows),
        terminator: json ? "\n" : "")
    }
  }

  struct Metrics: ParsableCommand, LimitedOptions {
    static let configuration = CommandConfiguration(
      commandName: "metrics",
      abstract: "Reading and scoring a pair of COCO files, beside pycocotools.")
    @Option(help: "Images of the generated files.") var images = 5000
    @Option(help: "True objects, with polygons.") var truths = 36_000
    @Option(help: "Detections.") var detections = 200_000
    @Option(help: "Runs.") var `repeat` = 5
    @Option(help: "A Python with pycocotools, timed in turn with ours.") var python: String?
    @Option(help: "Of the generated files.") var seed = 0
    @OptionGroup var threads: ThreadOptions
    @Flag(help: "Print one JSON object.") var json = false

    var limits: [Limit] {
      [
        .count("images", images), .count("truths", truths),
        Limit("detections", detections, 1...10 * largestCount), .count("repeat", `repeat`),
        .seed(seed),
      ]
    }

    func run() throws {
      threads.apply()
      var benchmark = MetricsBenchmark()
      (benchmark.images, benchmark.truths, benchmark.detections) = (images, truths, detections)
      (benchmark.repeats, benchmark.python, benchmark.seed) = (`repeat`, python, seed)
      let report = try benchmark()
      print(json ? report.json.compact : report.markdown, terminator: json ? "\n" : "")
    }
  }
}
