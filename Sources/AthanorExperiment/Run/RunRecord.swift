import AthanorCore
import AthanorData
import AthanorTraining

/// What a run was trained on, and attempt by attempt with what: kept in its checkpoints and told by
/// its `summary.json`.
public struct RunRecord: Codable, Equatable, Sendable {
  /// The splits that the data had, whatever the run used of them.
  package var splits: [SplitFingerprint]
  /// In the order in which they trained the run; one that changed nothing joins the one before.
  package var segments: [Segment]

  /// A stretch of a run with its own settings, from an update on: those that may change when a run
  /// is resumed.
  package struct Segment: Codable, Equatable, Sendable {
    /// Epochs that were finished before it, and updates that were made.
    package var epoch = 0
    package var step = 0
    /// How many the run was to have in all.
    package var epochs = 0
    /// Where the data were.
    package var data: String?
    package var machine = Machine()
    /// Whether the learning rate jumped here: its schedule was spread over another number of
    /// epochs.
    package var restartsSchedule = false

    /// Whether the settings are the same, wherever the segments begin.
    func hasSettings(of other: Segment) -> Bool {
      epochs == other.epochs && data == other.data && machine == other.machine
    }
  }

  /// The record with a further attempt in it. What had been said of updates that it makes again,
  /// after those that the last checkpoint knew, is left out.
  func adding(_ segment: Segment) -> RunRecord {
    var record = self
    record.segments.removeAll { $0.step >= segment.step }
    if record.segments.last?.hasSettings(of: segment) != true { record.segments.append(segment) }
    return record
  }
}

extension RunRecord {
  /// What in it no run can have recorded; nil where all can be.
  ///
  /// - Parameter progress: That of the checkpoint; nil in one that only holds weights.
  func mismatch(_ progress: TrainingState.Progress?) -> (expected: String, received: String)? {
    for split in splits {
      guard splits.count(where: { $0.split == split.split }) == 1 else {
        return ("each split once", "\(split.split) twice")
      }
      guard split.samples >= 0, split.fingerprint.count == 16,
        split.fingerprint.allSatisfy(\.isHexDigit)
      else {
        return ("samples from 0 and a fingerprint of 16 digits", "\(split.split) of \(split.words)")
      }
    }
    guard let first = segments.first, first.step == 0, first.epoch == 0 else {
      return (
        "segments from the first update on",
        segments.first.map { "one from epoch \($0.epoch), update \($0.step)" } ?? "none"
      )
    }
    var last = (epoch: 0, step: 0)
    let counts = 0...Int(Int32.max)
    for segment in segments {
      let values = [
        ("epochs", segment.epochs), ("threads", segment.machine.threads ?? 1),
        ("cpus", segment.machine.cpus ?? 1), ("epoch", segment.epoch), ("step", segment.step),
      ]
      if let (name, value) = values.first(where: { !counts.contains($0.1) }) {
        return ("\(name) from 0 to \(counts.upperBound)", "\(value)")
      }
      guard segment.epoch >= last.epoch, segment.step >= last.step,
        progress.map({ segment.epoch <= $0.epoch && segment.step <= $0.step }) ?? true
      else {
        return (
          "segments one after the other, the last from an update that was made",
          "one from epoch \(segment.epoch), update \(segment.step)"
        )
      }
      last = (segment.epoch, segment.step)
    }
    return nil
  }
}

extension RunRecord.Segment {
  package var json: JSON {
    .object(
      [
        .init("fromEpoch", .integer(epoch + 1)), .init("fromStep", .integer(step)),
        .init("epochs", .integer(epochs)), .init("data", data.map { .string($0) } ?? .null),
        .init("restartsSchedule", .bool(restartsSchedule)),
      ] + machine.json)
  }

  /// Those that a `summary.json` names. One of an earlier version names machines alone, or at most
  /// the threads.
  package static func all(in summary: JSON) -> [RunRecord.Segment] {
    let list = (summary["segments"] ?? summary["machines"])?.array ?? []
    guard !list.isEmpty else {
      return [RunRecord.Segment(machine: Machine(threads: summary["threads"]?.integer))]
    }
    return list.map { record in
      RunRecord.Segment(
        epoch: max(1, record["fromEpoch"]?.integer ?? 1) - 1,
        step: record["fromStep"]?.integer ?? 0,
        epochs: record["epochs"]?.integer ?? 0, data: record["data"]?.string,
        machine: Machine(record), restartsSchedule: record["restartsSchedule"] == .bool(true))
    }
  }
}

extension SplitFingerprint {
  package var json: JSON {
    [
      "split": .string(split.rawValue), "samples": .integer(samples),
      "fingerprint": .string(fingerprint),
    ]
  }

  /// Nil where a record does not say it whole.
  package init?(_ record: JSON) {
    guard let split = record["split"]?.string.flatMap(Split.init(rawValue:)),
      let samples = record["samples"]?.integer, let digits = record["fingerprint"]?.string
    else { return nil }
    self.init(split, samples: samples, fingerprint: digits)
  }

  /// `800 samples (fingerprint 0123456789abcdef)`.
  package var words: String {
    "\(grouped(samples)) sample\(samples == 1 ? "" : "s") (fingerprint \(fingerprint))"
  }
}
