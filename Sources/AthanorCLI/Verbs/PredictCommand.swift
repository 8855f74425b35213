import ArgumentParser
import AthanorExperiment

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Draw and write a network's predictions for images.",
    discussion: """
      EXAMPLES
        athanor predict runs/synthetic-1 photo.jpg --out seen
        athanor predict runs/mine/checkpoints/last.safetensors folder --out seen
        athanor predict runs/streets val --out seen --truth instances_val.json

      A folder is entered with its subfolders; hidden files are no part of it. Two images of one \
      name get their folders' names before theirs. In detections.json an image has its id in the \
      run's data or in --truth, else its name. What athanor wrote to OUT before is replaced, other \
      files only by --force.
      """)

  @Argument(help: "A run folder or a checkpoint.") var source: String
  @Argument(help: "Images, or folders of them.") var images: [String]
  @Option(help: "The folder to write.") var out: String
  @Option(help: "The least score of a box (default: 0.2 in detections.json, 0.4 in pictures).")
  var threshold: Float?
  @Option(help: "COCO annotations whose image and category ids are taken, by name.")
  var truth: String?
  @OptionGroup var overwriting: OverwritingOptions
  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    guard !images.isEmpty else { throw ValidationError("expected at least one IMAGE") }
  }

  func run() throws {
    threads.apply()
    try Predicting.run(
      source, images: images, to: out, threshold: threshold, truth: truth,
      force: overwriting.force)
  }
}
