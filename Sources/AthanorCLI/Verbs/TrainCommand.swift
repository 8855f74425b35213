import ArgumentParser
import AthanorExperiment
import Foundation

struct TrainCommand: ParsableCommand, LimitedOptions {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train one backbone with its heads, into a run folder.",
    discussion: """
      EXAMPLES
        athanor train
        athanor train config.yaml --set training.epochs=50 --out runs/long
        athanor train --out runs/long --resume
        athanor train runs/long/config.yaml        repeats that run exactly

      PROGRESS
        epoch 2/6  detection 1.158×0.403  mIoU 0.512  AP 0.104  AP50 0.231  0:41<1:22

      Each task's loss × its weight: in the line of an epoch the means over the epoch, in the \
      bar of a terminal those of the latest step. A task without a label there is left out; no \
      weight is shown where the weighting merges gradients in a way that no weight tells. mIoU: \
      mean IoU of the classes; AP: COCO's, the mean over IoU .50 to .95; AP50: at IoU .50; all \
      on val, where the epoch was evaluated (training.evaluate_every). Last: elapsed < left.

      Without a split val nothing is validated, and the last checkpoint counts. A sample that \
      cannot be read is left out, counted and listed, in its place the next one is taken.

      Ctrl-C, SIGTERM and SIGHUP save and stop. Exit code 0: finished; 75: stopped, --resume \
      goes on; 1: failed.
      """)

  @Argument(help: "A configuration (default: the built-in synthetic scenes).") var config: String?
  @OptionGroup var set: SetOptions
  @Option(help: "The run's folder (default: the next free runs/NAME-N).") var out: String?
  @Flag(help: "Go on with the run in --out, bit for bit: epochs, threads and place may change.")
  var resume = false
  @Option(help: "Epochs, in place of the configuration's.") var epochs: Int?
  @Option(help: "The seed, in place of the configuration's.") var seed: Int?
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Stop at the first sample that cannot be read.") var strict = false
  @Flag(help: "Stop as by Ctrl-C when standard input ends.") var stopAtEndOfInput = false
  @Flag(help: "Print summary.json at the end.") var json = false

  var limits: [Limit] { [.count("epochs", epochs), .seed(seed)] }

  func run() throws {
    var overrides = set.overrides
    if let epochs { overrides.append(try Override("training.epochs=\(epochs)")) }
    if let seed { overrides.append(try Override("seed=\(seed)")) }
    if let threads = threads.threads { overrides.append(try Override("threads=\(threads)")) }
    Interruption.watch()
    if stopAtEndOfInput, !Interruption.watchInput() {
      Terminal.error.write("warning: no thread to watch standard input by: its end stops nothing\n")
    }
    let outcome: Training.Outcome
    do {
      outcome = try namingOptions("out") {
        try Training.run(
          config: config, overrides: overrides, out: out, resume: resume, isStrict: strict,
          shouldStop: { Interruption.requested }, callbacks: { [ProgressReport($0)] })
      }
    } catch is CancellationError {
      Terminal.error.write("stopped before the run began: the same command starts it\n")
      throw ExitCode(Training.stoppedStatus)
    }
    if outcome.wasStopped {
      Terminal.error.write(
        "stopped; go on with: athanor train --out \(outcome.folder.path) --resume\n")
    }
    print(
      try json
        ? Training.summary(outcome.folder)
        : "Look at \(outcome.pictures.joined(separator: " and "))")
    if outcome.wasStopped { throw ExitCode(Training.stoppedStatus) }
  }
}
