import AthanorCore
import AthanorExperiment
import Foundation

/// The source of a report's runs: the folder of an ablation, or run folders anywhere.
struct ReportSource: Sendable {
  /// `ablation.json`: the plan of the ablation.
  struct Plan: Decodable, Sendable {
    struct Run: Decodable, Sendable {
      var id: String
      var role: ReportRun.Role
      /// The label of its method.
      var label: String?
    }

    var name: String
    /// The text of the specification, and that of the base configuration.
    var spec: String
    var base: String?
    /// The last command, which repeats or resumes the ablation.
    var command: String
    /// The number of simultaneous runs, and the threads of each, in that command.
    var jobs: Int
    var threads: Int
    /// The label of the method that paired differences are taken against.
    var baseline: String?
    /// The keys whose values are chosen on val, separately for each method.
    var tune: [String]
    var lastEpochs: Int
    var runs: [Run]

    /// Throws `FileError`, `JSONError`, or `ContentError` where a key is missing or has a value of
    /// another kind.
    init(contentsOf path: String) throws {
      let bytes = try AtomicFile.read(path)
      _ = try JSON(parsing: bytes, file: path)
      do {
        self = try JSONDecoder().decode(Plan.self, from: Data(bytes))
      } catch let error as DecodingError {
        throw ContentError(path: path, expected: "an ablation's record", received: error.inWords)
      }
    }
  }

  let plan: Plan?
  let runs: [ReportRun]
  /// The folder that the report is written to by default.
  let folder: String
  /// The number of last epochs whose mean is taken beside the best epoch.
  let lastEpochs: Int

  /// Reads one ablation, or the given runs. Where `lastEpochs` is nil, the ablation's number is
  /// used, or 3.
  ///
  /// Errors: throws `ContentError` where a path is neither, where an ablation is combined with
  /// other folders, and where there is no run at all.
  init(_ paths: [String], lastEpochs asked: Int? = nil) throws {
    guard let first = paths.first else {
      throw ContentError(path: "report", expected: "an ablation or run folders", received: "none")
    }
    let exists = FileManager.default.fileExists(atPath:)
    guard exists("\(first)/ablation.json"), paths.count == 1 else {
      for path in paths where !exists("\(path)/config.yaml") {
        throw ContentError(
          path: path,
          expected: paths.count == 1
            ? "an ablation (ablation.json) or a run folder (config.yaml)"
            : "a run folder (config.yaml)",
          received: exists("\(path)/ablation.json")
            ? "an ablation beside other folders"
            : exists(path) ? "a folder without it" : "no such folder")
      }
      let lastEpochs = asked ?? 3
      (plan, folder, self.lastEpochs) = (nil, "report", lastEpochs)
      let runs = Self.names(of: paths).map {
        ReportRun(id: $0.name, path: $0.path, role: nil, lastEpochs: lastEpochs)
      }
      self.runs =
        Set(runs.compactMap { $0.keys?.tasks.map(\.name) }).count > 1 ? runs : runs.map(\.asMethod)
      return
    }
    let plan = try Plan(contentsOf: "\(first)/ablation.json")
    guard !plan.runs.isEmpty else {
      throw ContentError(path: "\(first)/ablation.json", expected: "runs", received: "none")
    }
    let lastEpochs = asked ?? plan.lastEpochs
    (self.plan, folder, self.lastEpochs) = (plan, first, lastEpochs)
    runs = plan.runs.map {
      ReportRun(
        id: $0.id, path: "\(first)/runs/\($0.id)", role: $0.role, label: $0.label,
        lastEpochs: lastEpochs)
    }
  }

  /// Run folders under their last path components where these are distinct, otherwise under their
  /// paths; a folder that is given twice counts once.
  private static func names(of given: [String]) -> [(name: String, path: String)] {
    var seen: Set<String> = []
    let paths = given.filter { seen.insert(URL(fileURLWithPath: $0).standardized.path).inserted }
    let names = paths.map { URL(fileURLWithPath: $0).lastPathComponent }
    let unique = Set(names).count == names.count
    return zip(unique ? names : paths, paths).map { ($0, $1) }
  }
}

extension ReportRun {
  /// The run with the role of a method: where all runs train the same single task, none is a
  /// baseline.
  fileprivate var asMethod: ReportRun {
    var run = self
    run.role = .method
    return run
  }
}
