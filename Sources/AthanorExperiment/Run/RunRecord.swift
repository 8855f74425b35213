import AthanorCore
import AthanorData
import AthanorTraining

/// The data of a run, and the settings of each of its attempts: stored in its checkpoints and shown
/// in its `summary.json`.
public struct RunRecord: Codable, Equatable, Sendable {
  /// The splits of the data, whether or not the run used them.
  package var splits: [SplitFingerprint]
  /// The segments in the order in which they trained the run; a segment with unchanged settings is
  /// merged into the one before.
  package var segments: [Segment]

  /// A part of a run with its own settings, starting at some update: those settings that may change
  /// when a run resumes.
  package struct Segment: Codable, Equatable, Sendable {
    /// The number of epochs finished before it, and of updates made.
    package var epoch = 0
    package var step = 0
    /// The total number of epochs that were planned.
    package var epochs = 0
    /// The path of the data.
    package var data: String?
    package var machine = Machine()
    /// Whether the learning rate jumped here because its schedule was stretched over another number
    /// of epochs.
    package var restartsSchedule = false

    /// Whether the settings are equal, wherever the segments begin.
    func hasSettings(of other: Segment) -> Bool {
      epochs == other.epochs && data == other.data && machine == other.machine
    }
  }

  /// The record with a further attempt. Segments that began after the last checkpoint are removed,
  /// because their updates are made again.
  func adding(_ segment: Segment) -> RunRecord {
    var record = self
    record.segments.removeAll { $0.step >= segment.step }
    if record.segments.last?.hasSettings(of: segment) != true { record.segments.append(segment) }
    return record
  }
}

extension RunRecord {
  /// The first value that no run can have recorded; nil where all are possible.
  ///
  /// - Parameter progress: The progress of the checkpoint; nil in one that only has weights.
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

  /// The segments in a `summary.json`. A file of an earlier version has only machines, or at most
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

  /// Nil where a record is incomplete.
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
