import AthanorCore
import AthanorData
import AthanorKernels
import AthanorVision
import Foundation
import Synchronization

/// What `athanor preprocess` does: ops on a file, a folder of images with its subfolders,
/// or a labelled data set.
public struct Preprocessing: Sendable {
  let pipeline: PreprocessingPipeline
  /// Reads images as class indices rather than as colour.
  let readsIndices: Bool

  /// - Parameters:
  ///   - op: A name of the registry, or a YAML file whose key `ops` lists names with options.
  ///   - overrides: Options of the op named.
  ///
  /// Errors: `SettingsError`, `YAMLError`, `FileError`.
  public init(_ op: String, overrides: [Override], readsIndices: Bool) throws {
    self.readsIndices = readsIndices
    if op.hasSuffix(".yaml") || op.hasSuffix(".yml") {
      guard overrides.isEmpty else {
        throw SettingsError(
          key: "--set", expected: "options of a single op", received: "a pipeline, \(op)")
      }
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

  /// What came of a folder.
  public struct Outcome: Sendable {
    public var written = 0
    /// A sentence for each file that failed, in the order of names.
    public var failures: [String] = []
    /// What was left out or put right.
    public var warnings: [DataWarning] = []
  }

  /// Changes the file or everything in the folder `input`, all CPUs busy across files.
  ///
  /// A folder that is a data set, told by its content, is written as one, with its labels changed
  /// alike. Of any other the images are found in its subfolders too, and keep their place below
  /// `output`; a file that fails does not stop the others.
  ///
  /// Errors: what a single file fails with; `FileError` where `output` cannot be written.
  public func run(
    _ input: String, to output: String, _ writing: WriteOptions = WriteOptions()
  ) throws -> Outcome {
    guard DataTree.isFolder(input) else {
      try write(try apply(to: input), to: output)
      return Outcome(written: 1)
    }
    let tree = try DataTree(input)
    let paths = Self.images(in: tree, except: output)
    guard (try? recogniseLayout(of: input)) != nil || paths.isEmpty else {
      var outcome = try run(paths, in: tree.root, to: output)
      outcome.warnings = Self.leftOut(of: tree).all
      return outcome
    }
    guard !pipeline.givesArray else {
      throw SettingsError(
        key: "ops", expected: "a folder of images, for arrays to be written",
        received: "\(input), a data set")
    }
    let source = try DataLocation(input).open()
    let pipeline = pipeline
    let meter = Meter("preprocess", unit: "sample")
    defer { meter.finish() }
    let summary = try convertDataset(
      TransformedSource(source) { try pipeline($0) }, to: output, writing, kind: "preprocess",
      progress: { meter.update($0, of: $1) })
    return Outcome(written: summary.samples.values.reduce(0, +), warnings: summary.warnings)
  }

  /// The images of a folder but those in the folder `output`, where that is one of its subfolders:
  /// what an earlier run wrote there is no input of the next.
  private static func images(in tree: DataTree, except output: String) -> [String] {
    func resolved(_ path: String) -> String {
      URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
    let (root, excluded) = (resolved(tree.root) + "/", resolved(output) + "/")
    let images = tree.files(in: "", kinds: ImageKind.allExtensions)
    guard excluded.hasPrefix(root), excluded != root else { return images }
    return images.filter { !$0.hasPrefix(excluded.dropFirst(root.count)) }
  }

  /// The files of a folder that are images and not read.
  private static func leftOut(of tree: DataTree) -> WarningLog {
    let warnings = WarningLog()
    for path in tree.files {
      let kind = FileName.kind(of: path)
      guard ImageKind.knownButNotRead.contains(kind) else { continue }
      warnings.note("image of a kind that is not read left out (.\(kind))", in: path)
    }
    warnings.note(
      "file left out whose name is not UTF-8", in: tree.root, count: tree.unreadableNames)
    return warnings
  }

  /// `paths` without their extensions, each kept whole where it would meet another so.
  private static func stems(_ paths: [String]) -> [String] {
    let stems = paths.map { FileName.withoutKind($0) }
    let taken = Dictionary((stems + paths).map { ($0, 1) }, uniquingKeysWith: +)
    return zip(paths, stems).map { taken[$1] == 1 ? $1 : $0 }
  }

  private func run(_ paths: [String], in input: String, to output: String) throws -> Outcome {
    try makeFolder(output)
    let kind = pipeline.givesArray ? "npy" : "png"
    let outputs = Self.stems(paths).map { "\(output)/\($0).\(kind)" }
    let bar = ProgressBar("preprocess", total: paths.count, unit: "image")
    let state = Mutex((next: 0, done: 0, failures: [Int: String]()))
    func nextFile() -> Int? {
      state.withLock {
        guard $0.next < paths.count else { return nil }
        $0.next += 1
        return $0.next - 1
      }
    }
    // Each file on one thread, the next one on the first that is free.
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
