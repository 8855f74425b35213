import ArgumentParser
import AthanorData
import AthanorExperiment

struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measure a run's best checkpoint, or a given one.",
    discussion: """
      EXAMPLES
        athanor eval runs/synthetic-1
        athanor eval runs/mine/checkpoints/last.safetensors --split test --json
        athanor eval runs/streets --data others --set data.val=0 --split train
        athanor eval runs/streets --set input.width=640 --out measured

      Classes are matched by name. The run's own data must have its classes, in any order; other \
      data may lack some, and are refused where they have more (--set 'data.classes=[…]' leaves \
      those out). A run that was never validated has no best checkpoint: its last one is measured.

      OUT gets detections.json (COCO results, scores above 0.05, with the data's image and \
      category ids) and truth.json (COCO annotations): pycocotools on both gives the same numbers.
      """)

  @Argument(help: "A run folder or a checkpoint.") var source: String
  @Option(help: "train, val or test (default: val, or the only one there is).") var split: Split?
  @Option(help: "A folder, or a configuration whose data are meant (default: the run's own data).")
  var data: String?
  @Option(help: "The layout of --data (default: told by its content): see list datasets.")
  var layout: String?
  @OptionGroup var set: SetOptions
  @Option(help: "The folder to write detections.json and truth.json to.") var out: String?
  @OptionGroup var overwriting: OverwritingOptions
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    if layout != nil, data == nil {
      throw ValidationError("--layout: expected --data FOLDER with it, received none")
    }
  }

  func run() throws {
    threads.apply()
    var evaluating = Evaluating(source, split: split)
    (evaluating.data, evaluating.layout, evaluating.out) = (data, layout, out)
    evaluating.overrides = set.overrides
    evaluating.force = overwriting.force
    let outcome = try namingOptions("out", "split") { try evaluating.run() }
    print(json ? outcome.json.compact : outcome.text, terminator: json ? "\n" : "")
  }
}

extension Split: ExpressibleByArgument {}
