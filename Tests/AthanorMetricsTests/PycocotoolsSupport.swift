import AthanorMetrics
import Foundation

/// What pycocotools says of a set written by `Python/coco_reference.py`.
struct Expected: Decodable {
  var stats: [Double]
  var perClassAP: [Double?]
}

enum Pycocotools {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().path
  static let script = folder + "/Python/coco_reference.py"
  static let python = ProcessInfo.processInfo.environment["ATHANOR_PYTHON"] ?? "python3"
  /// Whether that Python has it.
  static let isAvailable = (try? run(["-c", "import numpy, pycocotools.cocoeval"])) == 0

  /// The exit status of Python with these arguments.
  static func run(_ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python] + arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  static func expected(in folder: String) throws -> [String: Expected] {
    let data = try Data(contentsOf: URL(filePath: folder + "/expected.json"))
    return try JSONDecoder().decode([String: Expected].self, from: data)
  }

  /// The largest difference between ours and theirs on one set; infinite where only one has none.
  static func difference(_ name: String, in folder: String, _ expected: Expected) throws -> Double {
    let evaluation = try COCODataset.evaluate(
      truth: "\(folder)/\(name).truth.json", results: "\(folder)/\(name).results.json"
    ).evaluation
    let numbers = zip(evaluation.metrics.scalars, expected.stats).map { abs($0.value - $1) }
    let classes = zip(evaluation.perClassAP, expected.perClassAP).map { ours, theirs in
      if let ours, let theirs { return abs(ours - theirs) }
      return ours == nil && theirs == nil ? 0 : Double.infinity
    }
    guard numbers.count == 12, classes.count == expected.perClassAP.count else { return .infinity }
    return (numbers + classes).max()!
  }
}
