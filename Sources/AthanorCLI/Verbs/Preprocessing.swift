import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorKernels
import AthanorVision
import Foundation
import Synchronization

/// The implementation of `athanor preprocess`: applies ops to a file, to a folder of images with
/// its subfolders, or to a labelled data set.
public struct Preprocessing: Sendable {
  let pipeline: PreprocessingPipeline
  /// Whether images are read as class indices instead of colour.
  let readsIndices: Bool
  /// The file of a pipeline, where one was given.
  private var pipelineFile: String?

  /// - `op`: A name of the registry, or a YAML file whose key `ops` lists names with options.
  /// - `overrides`: Options of the named op.
  ///
  /// Errors: `SettingsError`, `YAMLError`, `FileError`.
  public init(_ op: String, overrides: [Override], readsIndices: Bool) throws {
    self.readsIndices = readsIndices
    if op.hasSuffix(".yaml") || op.hasSuffix(".yml") {
      guard overrides.isEmpty else {
        throw SettingsError(
          key: "--set", expected: "options of a single op", received: "a pipeline, \(op)")
      }
      pipelineFile = op
      let document = try YAMLDocument(contentsOf: op)
      pipeline = try document.locating {
        let ops = try document.settings.decoded(as: PipelineFile.self).ops
        return try PreprocessingPipeline(ops, at: "ops")
      }
      return
    }
    var tree = Settings.selection(name: op, options: [])
    for override in overrides { tree = try override.applied(to: tree) }
    guard case .selection(let name, let options) = tree else {
      throw SettingsError(key: "--set", expected: "options of \(op)", received: "another value")
    }
    pipeline = try PreprocessingPipeline([Selection(name, options)], at: op)
  }

  private struct PipelineFile: Codable, DefaultInitializable {
    var ops: [Selection] = []
  }

  /// The result for a folder.
  public struct Outcome: Sendable {
    public var written = 0
    /// One sentence for each file that failed, in the order of names.
    public var failures: [String] = []
    /// Warnings about data that were left out or corrected.
    public var warnings: [DataWarning] = []
  }

  /// Processes the file or everything in the folder `input`, with all CPUs working on different
  /// files.
  ///
  /// A folder that is recognised as a data set by its content is written as one, with its labels
  /// transformed accordingly. In any other folder the images of subfolders are found too and keep
  /// their relative paths below `output`; a file that fails does not stop the others.
  ///
  /// Errors: the error of a single file; `FileError` where `output` cannot be written;
  /// `OutputFiles.Refusal` where a file would be overwritten, or, with `force`, only where an input
  /// would be.
  public func run(
    _ input: String, to output: String, _ writing: WriteOptions? = nil, force: Bool = false
  ) throws -> Outcome {
    func refuseWriting() throws {
      guard writing == nil else {
        throw SettingsError(
          key: "--to, --labels", expected: "a data set to write in a form",
          received: "\(input), \(DataTree.isFolder(input) ? "a folder of images" : "a file")")
      }
    }
    guard DataTree.isFolder(input) else {
      try refuseWriting()
      var outputs = OutputFiles(inputs: [input] + [pipelineFile].compactMap(\.self), force: force)
      try outputs.claim(output, FileContent(ofName: output))
      try write(try apply(to: input), to: output)
      return Outcome(written: 1)
    }
    let selection = try layoutOfLabelFiles(of: input)
    let tree = try DataTree(input)
    let warnings = WarningLog()
    let paths = ListedImages.images(in: tree, except: output, warnings)
    guard selection != nil || paths.isEmpty else {
      try refuseWriting()
      var outcome = try run(paths, in: tree.root, to: output, force)
      outcome.warnings = warnings.all
      return outcome
    }
    guard !pipeline.givesArray else {
      throw SettingsError(
        key: "ops", expected: "a folder of images, for arrays to be written",
        received: "\(input), a data set")
    }
    // Without a layout the error says which layouts were looked for.
    let source = try datasets.make(selection ?? recogniseLayout(of: input), at: "data")
    let pipeline = pipeline
    let meter = Meter("preprocess", unit: "sample")
    defer { meter.finish() }
    let summary = try convertDataset(
      source, to: output, writing ?? WriteOptions(), kind: "preprocess",
      progress: { meter.update($0, of: $1) }, change: { try pipeline($0) })
    return Outcome(written: summary.samples.values.reduce(0, +), warnings: summary.warnings)
  }

  /// `paths` without their extensions; a path keeps its extension where two would otherwise be
  /// equal.
  private static func stems(_ paths: [String]) -> [String] {
    let stems = paths.map { FileName.withoutKind($0) }
    let taken = Dictionary((stems + paths).map { ($0, 1) }, uniquingKeysWith: +)
    return zip(paths, stems).map { taken[$1] == 1 ? $1 : $0 }
  }

  private func run(
    _ paths: [String], in input: String, to output: String, _ force: Bool
  ) throws -> Outcome {
    let kind = pipeline.givesArray ? "npy" : "png"
    let names = Self.stems(paths).map { "\($0).\(kind)" }
    var claims = OutputFiles(
      inputs: paths.map { "\(input)/\($0)" } + [pipelineFile].compactMap(\.self), force: force)
    try claims.claim(names, in: output)
    let outputs = names.map { "\(output)/\($0)" }
    let bar = ProgressBar("preprocess", total: paths.count, unit: "image")
    let state = Mutex((next: 0, done: 0, failures: [Int: String]()))
    func nextFile() -> Int? {
      state.withLock {
        guard $0.next < paths.count else { return nil }
        $0.next += 1
        return $0.next - 1
      }
    }
    // Each file is processed by one thread; the next file goes to the first free thread.
    parallelFor(min(paths.count, Threads.count)) { _ in
      while let i = nextFile() {
        let failure = Threads.serially {
          do {
            let image = try apply(to: "\(input)/\(paths[i])")
            try makeFolder(FileName.parent(of: outputs[i]))
            try write(image, to: outputs[i])
            return String?.none
          } catch {
            return "\(error)"
          }
        }
        state.withLock {
          $0.done += 1
          $0.failures[i] = failure
          bar.update($0.done)
        }
      }
    }
    bar.finish()
    let failures = state.withLock { $0.failures.sorted { $0.key < $1.key }.map(\.value) }
    return Outcome(written: paths.count - failures.count, failures: failures)
  }

  private func apply(to file: String) throws -> PreprocessingPipeline.Result {
    let image = try Image(contentsOf: file, as: readsIndices ? .indices : .color)
    do {
      return try pipeline.result(of: image)
    } catch var error as SettingsError where error.file == nil {
      error.file = file
      throw error
    } catch var error as UnknownColorError {
      error.path = file
      throw error
    }
  }

  private func write(_ result: PreprocessingPipeline.Result, to path: String) throws {
    switch result {
    case .image(let image):
      try image.write(to: path)
    case .array(let array):
      guard path.hasSuffix(".npy") else {
        throw FileError(
          path: path, operation: "write", reason: "arrays need a name that ends in .npy")
      }
      try NumPyFile.write(array, to: path)
    }
  }
}
