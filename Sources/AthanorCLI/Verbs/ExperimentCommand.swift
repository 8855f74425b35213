import ArgumentParser
import AthanorCore
import AthanorExperiment
import AthanorReport

struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment", abstract: "Published experiments on losses, repeated.",
    subcommands: [BoxRegressionCommand.self, SegmentationLossesCommand.self])

  struct BoxRegressionCommand: ParsableCommand, LimitedOptions {
    static let configuration = CommandConfiguration(
      commandName: "box-regression",
      abstract: "Boxes around targets go down the gradient of each box loss.",
      discussion: """
        EXAMPLES
          athanor experiment box-regression --out boxes
          athanor experiment box-regression --points 5000 --loss giou --loss ciou --json

        The simulation of Zheng et al. 2020 (DIoU). OUT gets errors.csv, table.csv and \
        convergence.png.
        """)

    @Option(help: "A box loss; may be repeated (default: iou, giou, diou, ciou, eiou, siou).")
    var loss: [String] = []
    @Option(help: "Points about the targets; the paper has 5000.") var points = 1000
    @Option(help: "Steps of gradient descent; the paper has 200.") var steps = 300
    @Option(help: "Of the points' places.") var seed = 0
    @Option(help: "The folder to write.") var out: String?
    @OptionGroup var overwriting: OverwritingOptions
    @OptionGroup var threads: ThreadOptions
    @Flag(help: "Print one JSON object.") var json = false

    var limits: [Limit] {
      [Limit("points", points, 1...100_000), Limit("steps", steps, 1...100_000), .seed(seed)]
    }

    func run() throws {
      threads.apply()
      var experiment = BoxRegression()
      (experiment.points, experiment.steps, experiment.seed) = (points, steps, seed)
      if !loss.isEmpty {
        experiment.losses = loss.map { name in
          BoxRegression.usualLosses.first { $0.name == name } ?? Selection(name)
        }
      }
      let bar = ProgressBar(
        "box-regression", total: experiment.losses.count * 7 * steps, unit: "step")
      let curves = try experiment { bar.update($0) }
      bar.finish()
      if let out { try BoxRegression.write(curves, to: out, force: overwriting.force) }
      print(
        json ? BoxRegression.json(curves).compact : BoxRegression.markdown(curves),
        terminator: json ? "\n" : "")
    }
  }

  struct SegmentationLossesCommand: ParsableCommand, LimitedOptions {
    static let configuration = CommandConfiguration(
      commandName: "segmentation-losses",
      abstract: "Every segmentation loss on scenes whose classes are out of balance.",
      discussion: """
        EXAMPLES
          athanor experiment segmentation-losses --out losses
          athanor experiment segmentation-losses --out losses --loss dice --seeds 5

        OUT gets a run folder a loss and seed, results.csv and losses.png. Finished runs are kept: \
        after Ctrl-C the same command goes on.
        """)

    @Option(help: "A segmentation loss; may be repeated (default: all).") var loss: [String] = []
    @Option(help: "Runs of each loss.") var seeds = 3
    @Option(help: "Epochs of a run.") var epochs = 4
    @Option(help: "Training scenes of an epoch.") var scenes = 1200
    @Option(help: "The folder of the experiment.") var out: String
    @OptionGroup var set: SetOptions
    @OptionGroup var overwriting: OverwritingOptions
    @OptionGroup var threads: ThreadOptions
    @Flag(help: "Print one JSON object.") var json = false

    var limits: [Limit] {
      [Limit("seeds", seeds, 1...10_000), .count("epochs", epochs), .count("scenes", scenes)]
    }

    func run() throws {
      threads.apply()
      Interruption.watch()
      var experiment = SegmentationLosses()
      (experiment.seeds, experiment.epochs, experiment.scenes) = (seeds, epochs, scenes)
      experiment.overrides = set.overrides
      if !loss.isEmpty {
        let known = experiment.losses
        experiment.losses = loss.map { name in
          known.first { $0.name == name } ?? Selection(name)
        }
      }
      let total = experiment.losses.count * seeds
      let runs = try experiment(in: out, shouldStop: { Interruption.requested }) { done, next in
        Terminal.error.write("[\(done + 1)/\(total)] \(next)\n")
      }
      guard !runs.isEmpty else { throw ExitCode.failure }
      try SegmentationLosses.write(runs, to: out, force: overwriting.force)
      print(
        json ? SegmentationLosses.json(runs).compact : SegmentationLosses.markdown(runs),
        terminator: json ? "\n" : "")
      if runs.count < total { throw ExitCode.failure }
    }
  }
}
