import ArgumentParser
import AthanorExperiment
import Foundation

struct PreprocessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preprocess", abstract: "Apply an op or a pipeline to images, as OpenCV would.",
    discussion: """
      EXAMPLES
        athanor preprocess resize photo.jpg small.png --set width=320
        athanor preprocess label_map labels masks
        athanor preprocess normalize photo.jpg photo.npy
        athanor preprocess pipeline.yaml photos out

      IN is a file, a data set, or another folder of images. A data set, told by its content \
      (see data --help), is written as one (--to), images as PNG, labels changed alike. Of other \
      folders subfolders are entered, hidden files are left out, and the results keep their place \
      below OUT; of a.jpg and a.png in one folder come a.jpg.png and a.png.png. A file that fails \
      does not stop the others: failures are listed at the end, and the exit code is 1. A pipeline \
      is a file with the key ops: [{name: resize, width: 640, height: 480}, flip]. See: athanor \
      list ops.
      """)

  @Argument(help: "A name of list ops, or a pipeline's YAML file.") var op: String
  @Argument(help: "An image file, or a folder.") var input: String
  @Argument(help: "The file to write (.png, .jpg; .npy for floats), or the folder.")
  var output: String
  @OptionGroup var set: SetOptions
  @Flag(help: "Read images as class indices: palette PNGs by index.") var indices = false
  @OptionGroup var writing: WritingOptions
  @OptionGroup var overwriting: OverwritingOptions
  @OptionGroup var threads: ThreadOptions

  func run() throws {
    threads.apply()
    let outcome = try Preprocessing(op, overrides: set.overrides, readsIndices: indices)
      .run(
        input, to: output, writing.isGiven ? writing.options() : nil, force: overwriting.force)
    for warning in outcome.warnings { Terminal.error.write("warning: \(warning)\n") }
    for failure in outcome.failures { Terminal.error.write("Error: \(failure)\n") }
    let total = outcome.written + outcome.failures.count
    print("\(output): \(outcome.written) of \(total) written")
    if !outcome.failures.isEmpty { throw ExitCode.failure }
  }
}
