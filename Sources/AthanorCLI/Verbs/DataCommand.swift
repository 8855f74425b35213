import ArgumentParser
import AthanorCore
import AthanorData
import AthanorExperiment

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Make, look at and convert data sets.",
    discussion: """
      EXAMPLES
        athanor data synthesize --out scenes --train 600 --seed 1
        athanor data inspect scenes
        athanor data convert labelled voc --layout labelme
        athanor data convert voc yolo --to yolo --labels boxes
        athanor data build voc ready --val 0.1 --test 0.1 --width 640 --height 480

      WRITTEN FORMS (--to)
      \(datasetWriters.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))
      Images are copied byte for byte unless they change, and are PNG then. What a form cannot \
      hold is refused, never dropped: --labels says which labels to write.

      \(DataCommands.layoutHelp)
      """,
    subcommands: [Inspect.self, Synthesize.self, Convert.self, Build.self])

  struct Place: ParsableArguments {
    @Argument(help: "A folder, or a configuration whose data are meant.") var data: String
    @Option(help: "The folder's layout (default: told by its content): see list datasets.")
    var layout: String?
    @OptionGroup var set: SetOptions

    func location() throws -> DataLocation {
      try DataLocation(data, layout: layout, overrides: set.overrides)
    }
  }

  struct Inspect: ParsableCommand, LimitedOptions {
    static let configuration = CommandConfiguration(
      commandName: "inspect", abstract: "Count classes, boxes and sizes, and say what is wrong.",
      discussion: """
        EXAMPLES
          athanor data inspect scenes
          athanor data inspect scenes --out page
          athanor data inspect labelled --layout labelme --set val=0.1 --json

        A sample that cannot be read is counted and listed, and the others are \
        looked at. OUT gets index.html, which needs no other file, and its figures \
        and sheets of samples as PNG.

        \(DataCommands.layoutHelp)
        """)
    @OptionGroup var place: Place
    @Option(help: "The folder of a page with figures and pictures.") var out: String?
    @Flag(help: "Stop at the first sample that cannot be read.") var strict = false
    @Option(help: "Chooses the samples that the page shows.") var seed = 0
    @OptionGroup var threads: ThreadOptions
    @Flag(help: "Print one JSON object.") var json = false

    var limits: [Limit] { [.seed(seed)] }

    func run() throws {
      threads.apply()
      let report = try DataCommands.inspect(
        place.location(), strict: strict, page: out, seed: seed)
      print(try json ? JSON(encoding: report).pretty : report.text, terminator: json ? "\n" : "")
    }
  }

  struct Synthesize: ParsableCommand, LimitedOptions {
    static let configuration = CommandConfiguration(
      commandName: "synthesize", abstract: "Write synthetic scenes.")
    @Option(help: "The folder to write.") var out: String
    @Option(help: "Scenes to train on.") var train: Int?
    @Option(help: "Scenes to choose on.") var val: Int?
    @Option(help: "Scenes to test on.") var test: Int?
    @Option(help: "Pixels.") var width: Int?
    @Option(help: "Pixels.") var height: Int?
    @Option(help: "The same seed makes the same scenes.") var seed = 0
    @OptionGroup var writing: WritingOptions
    @OptionGroup var threads: ThreadOptions

    var limits: [Limit] {
      [("train", train), ("val", val), ("test", test)].map { .count($0, $1, from: 0) }
        + [("width", width), ("height", height)].map { Limit($0, $1, 32...8192) } + [.seed(seed)]
    }

    func run() throws {
      threads.apply()
      var options = SyntheticScenes.Options()
      options.train = train ?? options.train
      options.val = val ?? options.val
      options.test = test ?? options.test
      options.width = width ?? options.width
      options.height = height ?? options.height
      options.seed = seed
      try DataCommands.synthesize(options, to: out, writing.options())
      print(
        "\(out): \(options.train) train, \(options.val) val, \(options.test) test scenes of "
          + "\(options.width)×\(options.height)")
    }
  }

  struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "convert", abstract: "Write a data set of any layout in another form.")
    @OptionGroup var place: Place
    @Argument(help: "The folder to write.") var out: String
    @OptionGroup var writing: WritingOptions
    @OptionGroup var threads: ThreadOptions
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
      threads.apply()
      let summary = try DataCommands.convert(
        place.location(), to: out, writing.options())
      print(try json ? JSON(encoding: summary).pretty : summary.text, terminator: json ? "\n" : "")
    }
  }

  struct Build: ParsableCommand, LimitedOptions {
    static let configuration = CommandConfiguration(
      commandName: "build", abstract: "Divide a data set anew, resize it.",
      discussion: """
        Without --val and --test the data set's own splits are kept, without --width and --height \
        its images.
        """)
    @OptionGroup var place: Place
    @Argument(help: "The folder to write.") var out: String
    @Option(help: "Pixels; 0 with height 0 keeps sizes.") var width = 0
    @Option(help: "Pixels.") var height = 0
    @Option(help: "The share of val, to divide anew.") var val: Double?
    @Option(help: "The share of test, to divide anew.") var test: Double?
    @Option(help: "The seed of the shuffle.") var seed = 0
    @Option(
      help: "A regular expression: samples whose names give the same text for it stay together.")
    var group = ""
    @OptionGroup var writing: WritingOptions
    @OptionGroup var threads: ThreadOptions
    @Flag(help: "Print one JSON object.") var json = false

    var limits: [Limit] {
      [Limit("width", width, 0...16384), Limit("height", height, 0...16384), .seed(seed)]
    }

    func run() throws {
      threads.apply()
      var options = BuildOptions()
      (options.width, options.height) = (width, height)
      if val != nil || test != nil {
        var division = SplitOptions()
        (division.val, division.test) = (val ?? 0, test ?? 0)
        (division.seed, division.group) = (seed, group)
        options.division = division
      } else if !group.isEmpty {
        throw SettingsError(
          key: "group", expected: "shares of val or test beside it", received: "neither")
      }
      let summary = try DataCommands.build(
        place.location(), to: out, options, writing.options())
      print(try json ? JSON(encoding: summary).pretty : summary.text, terminator: json ? "\n" : "")
    }
  }
}
