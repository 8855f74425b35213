import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorTasks
import AthanorTraining
import AthanorVision
import Foundation

extension Report {
  /// The number of test samples, from the first, that are shown as pictures.
  static let samplesShown = 4

  /// Reads the test results of the chosen runs; where `measuring`, first measures those that have
  /// none.
  ///
  /// A run that cannot be measured, because its data or checkpoint are missing, gets a note and no
  /// numbers. Throws `CancellationError` where `shouldStop` returned true before a run was
  /// measured.
  mutating func evaluate(measuring: Bool, shouldStop: () -> Bool) throws {
    let chosen = methods.flatMap(\.runs)
    var data = DataVersions()
    var results = Dictionary(chosen.map { ($0.id, $0.measurement(of: &data)) }) { $1 }
    let new = chosen.filter { results[$0.id] == .some(nil) }
    if !measuring, !new.isEmpty {
      notes.append("\(new.count) of \(chosen.count) chosen runs are not measured on test yet.")
    }
    for (number, run) in new.enumerated() where measuring {
      if shouldStop() { throw CancellationError() }
      do {
        results[run.id] = try run.measure(title: "test \(number + 1)/\(new.count)")
      } catch {
        notes.append("\(run.id) is not measured on test. \(error).")
      }
    }
    func count(_ isSo: (ReportRun) -> Bool) -> String? {
      let count = chosen.count(where: isSo)
      return count == 0 ? nil : "\(count) of \(chosen.count) chosen runs"
    }
    if let those = count(\.hasLastCheckpointAlone) {
      notes.append(
        "\(those) have no best checkpoint (never validated, or its file is gone): their last one "
          + "counts.")
    }
    if let those = count({ results[$0.id]??["split"]?.string == Split.val.rawValue }) {
      notes.append("\(those) have no split test: what stands under test is measured on val.")
    }
    noteOtherVersions(results)
    let tasks = tasks
    let measured = results.compactMapValues { $0.map { Self.values(of: $0, tasks) } }
    func filled(_ run: ReportRun) -> ReportRun {
      var run = run
      run.values.merge(measured[run.id] ?? [:]) { $1 }
      if let result = results[run.id] ?? nil { run.perClass = ClassMeasure.values(of: result) }
      return run
    }
    runs = runs.map(filled)
    for i in methods.indices {
      for j in methods[i].candidates.indices {
        methods[i].candidates[j].runs = methods[i].candidates[j].runs.map(filled)
      }
    }
  }

  /// Adds a note about runs whose test split is now another version than at training.
  private mutating func noteOtherVersions(_ results: [String: JSON?]) {
    let others = methods.flatMap(\.runs).filter { run in
      guard let measured = (results[run.id] ?? nil)?["data"].flatMap({ SplitFingerprint($0) }),
        let trained = run.conditions?.splits.first(where: { $0.split == measured.split })
      else { return false }
      return measured != trained
    }
    guard !others.isEmpty else { return }
    notes.append(
      "The data changed since these runs were trained, and they are measured as the data are now: "
        + others.map(\.id).joined(separator: ", ") + ".")
  }

  /// COCO's −1, which means that there is no truth, is treated as missing.
  private static func values(of result: JSON, _ tasks: [NamedTask]) -> [Measure: Double] {
    var values: [Measure: Double] = [:]
    for task in tasks {
      for metric in task.metrics where metric.place == .report {
        guard let value = result[task.name]?[metric.name]?.number, value >= 0, value.isFinite else {
          continue
        }
        values[.metric(metric, of: task, .test)] = value
      }
    }
    return values
  }
}

extension ReportRun {
  /// The output of `athanor eval RUN --split test --json`, and the fingerprint of the checkpoint
  /// that was measured.
  var testFile: String { file("test.json") }
  private var bestCheckpoint: String { file("checkpoints/best.safetensors") }
  private var lastCheckpoint: String { file("checkpoints/last.safetensors") }

  /// Whether there is no best checkpoint because nothing was validated.
  fileprivate var hasLastCheckpointAlone: Bool {
    let exists = FileManager.default.fileExists(atPath:)
    return !exists(bestCheckpoint) && exists(lastCheckpoint)
  }

  /// The checkpoint that is measured: the best one, or the last.
  private var checkpoint: String { hasLastCheckpointAlone ? lastCheckpoint : bestCheckpoint }

  /// The result on test; nil where there is none, or where it is of another checkpoint or another
  /// version of the data. Where the checkpoint or the data are missing, the result is kept, since
  /// it cannot be measured again.
  fileprivate func measurement(of data: inout DataVersions) -> JSON? {
    guard let result = try? JSON(contentsOf: testFile) else { return nil }
    guard FileManager.default.fileExists(atPath: checkpoint) else { return result }
    let fingerprint = try? Fingerprint(contentsOf: checkpoint).digits
    guard result["checkpoint"]?.string == fingerprint else { return nil }
    guard let measured = result["data"].flatMap({ SplitFingerprint($0) }), let config,
      let now = data.current(measured.split, config.data)
    else { return result }
    return measured == now ? result : nil
  }

  /// The path of a picture of a test sample, with its labels or with its predictions.
  func picture(_ sample: Int, isTruth: Bool) -> String {
    file("test_sample\(sample)_\(isTruth ? "labels" : "pred").jpg")
  }

  /// Writes `test.json`, and pictures of the first samples. Data without a test split are measured
  /// on val, and `test.json` says so.
  fileprivate func measure(title: String) throws -> JSON {
    let checkpoint = checkpoint
    let fingerprint = try Fingerprint(contentsOf: checkpoint).digits
    var seen = 0
    var evaluating = Evaluating(checkpoint, split: .test)
    evaluating.title = title
    if let config {
      let there = try datasets.make(config.data, at: "data").filledSplits()
      guard let split = [Split.test, .val].first(where: there.contains) else {
        throw ContentError(
          path: config.data.place, expected: "a split test or val to measure on",
          received: "train alone")
      }
      evaluating.split = split
    }
    let outcome = try evaluating.run { result, tasks in
      defer { seen += 1 }
      guard seen < Report.samplesShown else { return }
      let (sample, prediction) = (result.sample, result.prediction)
      try RunPictures.picture(sample, tasks).fitted
        .write(to: picture(seen, isTruth: true))
      try RunPictures.picture(prediction, on: sample.image, tasks, atLeast: RunPictures.side)
        .fitted.write(to: picture(seen, isTruth: false))
    }
    let split: [JSON.Member] =
      outcome.split == .test ? [] : [.init("split", .string(outcome.split.rawValue))]
    let record = JSON.object(
      (outcome.json.object ?? []) + split + [
        .init("checkpoint", .string(fingerprint)),
        .init("data", outcome.fingerprint?.json ?? .null),
      ])
    try AtomicFile.write(record.compact + "\n", to: testFile)
    return record
  }
}

/// The current versions of data sets, each computed once.
private struct DataVersions {
  private var known: [JSONKey: SplitFingerprint?] = [:]
  private struct JSONKey: Hashable {
    var split: Split
    var data: String
  }

  /// Nil where the data cannot be opened.
  mutating func current(_ split: Split, _ data: Selection) -> SplitFingerprint? {
    let options = JSON(.selection(name: data.name, options: data.options)).compact
    let key = JSONKey(split: split, data: options)
    if let known = known[key] { return known }
    let now = try? SplitFingerprint(split, in: datasets.make(data, at: "data"), data)
    known[key] = .some(now)
    return now
  }
}

extension Image {
  /// The image, scaled down to the largest size that a report shows.
  fileprivate var fitted: Image {
    let longer = max(width, height)
    guard longer > 384 else { return self }
    return resized(
      width: max(1, width * 384 / longer), height: max(1, height * 384 / longer), .area)
  }
}
