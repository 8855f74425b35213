import AthanorCore
import AthanorExperiment
import AthanorKernels
import AthanorMetrics
import Foundation

/// The implementation of `athanor bench metrics`: reads and scores a generated pair of COCO files,
/// alternating with pycocotools where a Python that has it is given.
public struct MetricsBenchmark {
  public var images = 5000
  public var truths = 36_000
  public var detections = 200_000
  public var repeats = 5
  public var seed = 0
  /// A Python that can import pycocotools.
  public var python: String?

  public init() {}

  public struct Report: Sendable {
    public var images: Int
    public var truths: Int
    public var detections: Int
    /// The size of both files together.
    public var bytes: Int
    public var threads: Int
    /// Medians over the runs.
    public var readMilliseconds: Double
    public var evaluateMilliseconds: Double
    public var metrics: DetectionMetrics
    /// Time for reading and evaluating.
    public var pycocotoolsMilliseconds: Double?
    /// The largest difference in any of the twelve numbers.
    public var largestDifference: Double?
  }

  /// Errors: `SettingsError` for options out of range, `FileError`, `Pycocotools.Failure`.
  public func callAsFunction() throws -> Report {
    for (key, value) in [
      ("--images", images), ("--truths", truths), ("--detections", detections),
      ("--repeat", repeats),
    ] {
      guard (1...10_000_000).contains(value) else {
        throw SettingsError(key: key, expected: "1…10000000", received: "\(value)")
      }
    }
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "athanor-bench-metrics-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (truth, results) = (folder + "/truth.json", folder + "/results.json")
    let bytes = try writeFiles(truth: truth, results: results)

    let bar = ProgressBar("bench metrics", total: repeats, unit: "run")
    defer { bar.finish() }
    let clock = ContinuousClock()
    var (reading, scoring, theirs) = ([Double](), [Double](), [Double]())
    var difference: Double?
    var metrics: DetectionMetrics?
    for i in 0..<repeats {
      let start = clock.now
      let files = try COCODataset.read(truth: truth, results: results)
      let middle = clock.now
      let found = try files.dataset.evaluate(files.results).metrics
      scoring.append(1e3 * (clock.now - middle).seconds)
      reading.append(1e3 * (middle - start).seconds)
      metrics = found
      if let python {
        let answer = try Pycocotools.evaluate(python, truth: truth, results: results)
        theirs.append(1e3 * answer.seconds)
        difference = zip(found.scalars, answer.stats).map { abs($0.value - $1) }.max()
      }
      bar.update(i + 1)
    }
    return Report(
      images: images, truths: truths, detections: detections, bytes: bytes,
      threads: Threads.count, readMilliseconds: median(reading),
      evaluateMilliseconds: median(scoring), metrics: metrics!,
      pycocotoolsMilliseconds: theirs.isEmpty ? nil : median(theirs),
      largestDifference: difference)
  }

  /// Writes files like those of COCO's val2017: 80 classes, one of which has a third of the
  /// objects; polygons of 8 to 60 points; one crowd in a hundred objects; detections whose scores
  /// and boxes have all digits. Returns the sum of the files' sizes in bytes.
  private func writeFiles(truth: String, results: String) throws -> Int {
    var random = Generator(seed)
    func category() -> Int { random.chance(0.3) ? 1 : random.integer(in: 1..<81) }
    func id(_ image: Int) -> Int { 139 + 117 * image }
    var boxes: [(image: Int, category: Int, box: [Double])] = []
    var bytes = 0
    func write(_ path: String, _ count: Int, _ head: String, _ foot: String, _ item: () -> String)
      throws
    {
      try AtomicFile.write(to: path) { file in
        var text = head
        for i in 0..<count {
          text += (i > 0 ? ", " : "") + item()
          guard text.utf8.count > 1 << 20 || i == count - 1 else { continue }
          if i == count - 1 { text += foot }
          bytes += text.utf8.count
          try file.append(Array(text.utf8))
          text = ""
        }
      }
    }
    let pictures = (0..<images).map {
      #"{"id": \#(id($0)), "file_name": "\#(id($0)).jpg", "width": 640, "height": 480}"#
    }
    let categories = (1...80).map { #"{"id": \#($0), "name": "class \#($0)"}"# }
    let head =
      #"{"images": [\#(pictures.joined(separator: ", "))], "categories": "#
      + "[\(categories.joined(separator: ", "))], \"annotations\": ["
    try write(truth, truths, head, "]}") {
      let (width, height) = (random.uniform(4, 300), random.uniform(4, 300))
      let (x, y) = (random.uniform(0, 640 - width), random.uniform(0, 480 - height))
      let points = (0..<random.integer(in: 8..<60)).flatMap { _ in
        [fixed(x + random.uniform(0, width), 2), fixed(y + random.uniform(0, height), 2)]
      }
      let (image, category, isCrowd) = (
        random.integer(in: 0..<images), category(), random.chance(0.01)
      )
      let box = [x, y, width, height].map { ($0 * 100).rounded() / 100 }
      boxes.append((image, category, box))
      return #"{"segmentation": [[\#(points.joined(separator: ", "))]], "#
        + #""area": \#(width * height * 0.6), "iscrowd": \#(isCrowd ? 1 : 0), "#
        + #""image_id": \#(id(image)), "bbox": \#(box), "category_id": \#(category), "#
        + #""id": \#(1000 + boxes.count)}"#
    }
    try write(results, detections, "[", "]") {
      let object = boxes[random.integer(in: 0..<boxes.count)]
      let spread = random.chance(0.4) ? 3 : 0.15
      let size = [object.box[2], object.box[3]]
      var box = (0..<4).map { object.box[$0] + random.normal() * spread * size[$0 % 2] }
      (box[2], box[3]) = (max(1, box[2]), max(1, box[3]))
      let label = random.chance(0.9) ? object.category : category()
      return #"{"image_id": \#(id(object.image)), "category_id": \#(label), "#
        + #""bbox": \#(box), "score": \#(random.uniform())}"#
    }
    return bytes
  }
}

extension MetricsBenchmark.Report {
  public var milliseconds: Double { readMilliseconds + evaluateMilliseconds }

  public var json: JSON {
    .object([
      .init("images", .integer(images)), .init("truths", .integer(truths)),
      .init("detections", .integer(detections)), .init("bytes", .integer(bytes)),
      .init("threads", .integer(threads)), .init("readMilliseconds", .number(readMilliseconds)),
      .init("evaluateMilliseconds", .number(evaluateMilliseconds)),
      .init("milliseconds", .number(milliseconds)),
      .init("metrics", .object(metrics.scalars.map { .init($0.key, .number($0.value)) })),
      .init("pycocotoolsMilliseconds", pycocotoolsMilliseconds.map { .number($0) } ?? .null),
      .init("speedup", pycocotoolsMilliseconds.map { .number($0 / milliseconds) } ?? .null),
      .init("largestDifference", largestDifference.map { .number($0) } ?? .null),
    ])
  }

  /// The result as a Markdown table.
  public var markdown: String {
    var text = "| | ms |\n|---|---|\n| read | \(fixed(readMilliseconds, 1)) |\n"
    text += "| evaluate | \(fixed(evaluateMilliseconds, 1)) |\n"
    text += "| both | \(fixed(milliseconds, 1)) |\n"
    if let theirs = pycocotoolsMilliseconds {
      text += "| pycocotools | \(fixed(theirs, 1)) |\n"
      text += "\npycocotools / ours: \(fixed(theirs / milliseconds, 1)); "
      text += "largest difference of the twelve numbers: \(largestDifference ?? .nan)\n"
    }
    return text
      + "\n\(images) images, \(truths) truths, \(detections) detections, "
      + "\(fixed(Double(bytes) / 1e6, 1)) MB of JSON, \(threads) threads.\n"
  }
}

/// Runs pycocotools in a separate Python process.
enum Pycocotools {
  struct Failure: Error, CustomStringConvertible {
    var python: String
    var reason: String
    var description: String { "\(python): expected a Python with pycocotools: \(reason)" }
  }

  private static let script = String(
    decoding: PackageResources.pycocotools_py, as: UTF8.self)

  /// The twelve numbers, and how long reading and evaluating took.
  static func evaluate(
    _ python: String, truth: String, results: String
  ) throws -> (seconds: Double, stats: [Double]) {
    let process = Process()
    let output = Pipe()
    // A file instead of a pipe: a pipe that nobody reads fills up and blocks the process.
    let complaints = "\(truth).log"
    try AtomicFile.write("", to: complaints)
    let errors = FileHandle(forWritingAtPath: complaints)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python, "-c", script, truth, results]
    (process.standardOutput, process.standardError) = (output, errors)
    do { try process.run() } catch { throw Failure(python: python, reason: "\(error)") }
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let complaint = (try? AtomicFile.read(complaints)) ?? []
    let numbers = (try? JSON(parsing: Array(text)))?.array?.compactMap(\.number)
    guard let numbers, numbers.count == 13 else {
      let last = String(decoding: complaint, as: UTF8.self).split(separator: "\n").last
      throw Failure(python: python, reason: last.map(String.init) ?? "it ended")
    }
    return (numbers[0], Array(numbers[1...]))
  }
}
