import ArgumentParser
import AthanorLab

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Draw and write what a network says of images.",
    discussion: """
      EXAMPLES
        athanor predict runs/synthetic-1 photo.jpg --out seen
        athanor predict runs/synthetic-1/checkpoints/last.safetensors folder --out seen
      """)

  @Argument(help: "A run folder or a checkpoint.") var source: String
  @Argument(help: "Images, or folders of them.") var images: [String]
  @Option(help: "The folder to write.") var out: String
  @Option(help: "The least score of a box (default: 0.2 in detections.json, 0.4 in pictures).")
  var threshold: Float?
  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    guard !images.isEmpty else { throw ValidationError("expected at least one IMAGE") }
  }

  func run() throws {
    threads.apply()
    try Predicting.run(source, images: images, to: out, threshold: threshold)
  }
}
