import ArgumentParser
import AthanorCore
import AthanorExperiment

struct BalanceCommand: ParsableCommand, LimitedOptions {
  static let configuration = CommandConfiguration(
    commandName: "balance", abstract: "Replay recorded training with a weighting.",
    discussion: """
      EXAMPLES
        athanor balance uncertainty --losses L.npy --out W.npy --set form=libmtl
        athanor balance cagrad --losses L.npy --gradients G.npy --out W.npy \\
          --merged M.npy
        athanor balance dwa --losses L.npy --set stepsPerEpoch=100 --out W.npy

      L is [steps, tasks], NaN where a task is absent; G, the tasks' gradients, is [steps, tasks, \
      parameters], for modo and sdmgrad [steps, 3, tasks, parameters], for graddrop [steps, tasks] \
      and the features' shape. W gets the weights applied at each step, 0 for an absent task, NaN \
      where the merged gradient is no weighted sum; M is [steps, parameters]. stepsPerEpoch is \
      needed by dwa, stch and gradnorm. Two tasks are segmentation and detection; \
      kinds=[classification, regression, …] says otherwise. See: athanor list weightings.
      """)

  @Argument(help: "A name of list weightings.") var name: String
  @Option(help: "The losses (.npy).") var losses: String
  @Option(help: "The tasks' gradients (.npy).") var gradients: String?
  @Option(help: "The losses of the same batches after each step (.npy), for famo.")
  var lossesAfter: String?
  @Option(
    help: """
      What the method draws (.npy): normals [steps, tasks] for rlw, orders [steps, tasks, tasks] \
      for pcgrad and gradvac, uniforms [steps, positions] for graddrop.
      """) var noise: String?
  @Option(help: "The shared features [steps, batch, …] (.npy), for graddrop.") var features: String?
  @Option(help: "Where the weights go (.npy).") var out: String
  @Option(help: "Where the merged gradients go (.npy).") var merged: String?
  @Option(help: "Of the random numbers that --noise does not give.") var seed = 0
  @OptionGroup var set: SetOptions
  @OptionGroup var threads: ThreadOptions

  var limits: [Limit] { [.seed(seed)] }

  func validate() throws {
    try checkLimits()
    if merged != nil, gradients == nil {
      throw ValidationError("--merged: expected --gradients beside it, received none")
    }
  }

  func run() throws {
    threads.apply()
    var outputs = OutputFiles(
      inputs: [losses] + [gradients, lossesAfter, noise, features].compactMap(\.self))
    for path in [out, merged].compactMap(\.self) { try outputs.claim(path, .numpy) }
    let balancing = try Balancing(name, overrides: set.overrides)
    let recording = try Balancing.Recording(
      losses: losses, gradients: gradients, after: lossesAfter, noise: noise, features: features)
    try balancing.write(recording, weights: out, merged: merged, seed: seed)
  }
}
