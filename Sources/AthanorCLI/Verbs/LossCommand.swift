import ArgumentParser
import AthanorCore
import AthanorExperiment

struct LossCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loss", abstract: "Evaluate a loss and its gradient on arrays.",
    discussion: """
      EXAMPLES
        athanor loss dice --prediction logits.npy --target mask.npy
        athanor loss ciou --prediction p.npy --target t.npy --gradient g.npy --json
        athanor loss tversky --prediction logits.npy --target mask.npy --set alpha=0.5

      Segmentation losses take logits [N,H,W,C] (float32 or float64) and class indices [N,H,W], \
      255 being ignored; box losses take [M,4] twice, as x1, y1, x2, y2, and give the mean. \
      See: athanor list losses.
      """)

  @Argument(help: "A name of list losses.") var name: String
  @Option(help: "The prediction (.npy).") var prediction: String
  @Option(help: "The target (.npy).") var target: String
  @Option(help: "Write dL/dprediction here (.npy).") var gradient: String?
  @OptionGroup var set: SetOptions
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    threads.apply()
    let evaluation = try LossEvaluation(name, overrides: set.overrides)
    if let gradient {
      var outputs = OutputFiles(inputs: [prediction, target])
      try outputs.claim(gradient, .numpy)
    }
    let result = try evaluation(prediction: prediction, target: target)
    if let gradient { try NumPyFile.write(result.gradient, to: gradient) }
    guard !json else { return print((["loss": .number(result.loss)] as JSON).compact) }
    print(result.loss)
  }
}
