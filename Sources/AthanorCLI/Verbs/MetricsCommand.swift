import ArgumentParser
import AthanorCore
import AthanorExperiment
import AthanorMetrics

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics", abstract: "Score predictions that are in files.",
    discussion: """
      EXAMPLES
        athanor metrics segmentation --prediction seen --truth masks --classes 21
        athanor metrics detection --truth coco.json --results results.json --json
      """,
    subcommands: [Segmentation.self, Detection.self])

  struct Segmentation: ParsableCommand, LimitedOptions {
    static let configuration = CommandConfiguration(
      commandName: "segmentation", abstract: "mIoU and accuracies of masks paired by stem.")
    @Option(help: "A folder of PNG masks of class indices.") var prediction: String
    @Option(help: "A folder of PNG masks of class indices.") var truth: String
    @Option(help: "How many classes there are.") var classes: Int
    @Option(help: "The value of the truth that is not counted.") var ignore: UInt8 = 255
    @OptionGroup var threads: ThreadOptions
    @Flag(help: "Print one JSON object.") var json = false

    var limits: [Limit] { [Limit("classes", classes, 1...256)] }

    func run() throws {
      threads.apply()
      let summary = try MetricsCommands.segmentation(
        prediction: prediction, truth: truth, classes: classes, ignore: ignore)
      guard !json else { return print(try JSON(encoding: summary).pretty) }
      for (name, value) in summary.scalars { print(name, value.map { fixed($0, 4) } ?? "–") }
      for (name, value) in zip(summary.classNames, summary.metrics.perClassIoU) {
        print("IoU of \(name)", value.map { fixed($0, 4) } ?? "–")
      }
    }
  }

  struct Detection: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "detection", abstract: "COCO's AP and AR, as pycocotools, or VOC's mAP.")
    @Option(help: "Annotations in COCO's format.") var truth: String
    @Option(help: "Detections in COCO's results format.") var results: String
    @Flag(help: "VOC's mAP at IoU .5, by the area and by eleven points; crowds are difficult.")
    var voc = false
    @OptionGroup var threads: ThreadOptions
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
      threads.apply()
      guard !voc else { return try printVOC() }
      let metrics = try MetricsCommands.detection(truth: truth, results: results)
      guard !json else { return print(try JSON(encoding: metrics).pretty) }
      for (name, value) in metrics.scalars { print(name, fixed(value, 4)) }
    }

    private func printVOC() throws {
      let summary = try MetricsCommands.voc(truth: truth, results: results)
      guard !json else { return print(try JSON(encoding: summary).pretty) }
      for (name, value) in summary.scalars { print(name, value.map { fixed($0, 4) } ?? "–") }
      for (name, value) in zip(summary.classNames, summary.perClassAP) {
        print("AP of \(name)", value.map { fixed($0, 4) } ?? "–")
      }
    }
  }
}
