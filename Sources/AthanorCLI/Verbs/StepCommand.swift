import ArgumentParser
import AthanorExperiment

struct StepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step", abstract: "One forward and backward pass, for checking elsewhere.",
    discussion: """
      EXAMPLES
        athanor step config.yaml --checkpoint W.safetensors --batch B.safetensors \\
          --out G.safetensors
      """)

  @Argument(help: "A configuration.") var config: String
  @Option(help: "The weights.") var checkpoint: String
  @Option(help: "image, mask, boxes, classes and, if not all are labelled, has_boxes.")
  var batch: String
  @Option(help: "Where every gradient and raw output go.") var out: String
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    threads.apply()
    let losses = try Stepping.run(
      config: config, checkpoint: checkpoint, batch: batch, to: out)
    print(json ? losses.compact : losses.pretty)
  }
}
