import AthanorCore
import AthanorData
import AthanorTraining
import Foundation

/// Decides what a run and its continuation must have in common, and what may change between them.
///
/// A continuation may have more epochs, other threads, its data at another path, and another name.
/// Any other change makes it another run, and the record would be true of neither.
struct Resuming {
  let folder: RunFolder
  /// The last checkpoint; nil where the run was killed before its first one and starts again.
  let checkpoint: RunCheckpoint?

  /// Throws where the last checkpoint cannot be read; the error says how to continue without it.
  init(_ folder: RunFolder) throws {
    self.folder = folder
    let path = folder.lastCheckpoint
    // A run with finished epochs does not start again because its checkpoint is missing.
    let isBegun = ((try? Table(contentsOf: folder.history))?.rows.count ?? 0) > 0
    checkpoint =
      isBegun || FileManager.default.fileExists(atPath: path)
      ? try folder.explainingDamage { try RunCheckpoint(path) } : nil
  }

  /// Checks that the best checkpoint exists, where an epoch was the best so far: no later epoch may
  /// be better, and the run's record would then name a checkpoint that does not exist.
  ///
  /// Errors: throws `ContentError`.
  func checkBest() throws {
    guard let best = checkpoint?.progress?.history.best else { return }
    do {
      _ = try RunCheckpoint(folder.bestCheckpoint)
    } catch {
      throw ContentError(
        path: folder.bestCheckpoint,
        expected: "the checkpoint of epoch \(best.epoch), the best of the run that is resumed",
        received: "\(error)")
    }
  }

  /// Checks the configuration with which the run is to resume, with every option written out.
  ///
  /// Errors: throws `SettingsError` naming the first key that may not change, and where there are
  /// fewer epochs than already trained.
  func check(_ config: ExperimentConfig) throws {
    let trained = try checkpoint?.config ?? ExperimentConfig(contentsOf: folder.config)
    if let (key, received, expected) = try config.difference(from: trained.resolved()) {
      throw SettingsError(
        file: checkpoint?.file ?? folder.config, key: key,
        expected: "\(expected ?? "nothing"), as the run has it (a run with other settings is a new "
          + "one, without --resume)",
        received: received ?? "nothing")
    }
    let epochs = checkpoint?.progress?.history.epochs.count ?? 0
    guard config.training.epochs >= epochs else {
      throw SettingsError(
        file: checkpoint?.file, key: "training.epochs",
        expected: "\(epochs) or more: so many are trained",
        received: "\(config.training.epochs)")
    }
  }

  /// Checks that the splits are those that the run was trained on.
  ///
  /// Errors: throws `ContentError`, with the path of the data and both versions of the first split
  /// that differs.
  func check(_ splits: [SplitFingerprint], at place: String) throws {
    guard let recorded = checkpoint?.record?.splits else { return }
    for (expected, received) in SplitFingerprint.differences(recorded, splits) {
      throw ContentError(
        path: place,
        expected: "the data that \(folder.path) was trained on: \(expected)", received: received)
    }
  }

  /// The record of the run's earlier attempts.
  var record: RunRecord {
    checkpoint?.record
      ?? RunRecord(
        splits: [],
        segments: checkpoint == nil
          ? [] : (try? JSON(contentsOf: folder.summary)).map(RunRecord.Segment.all) ?? [])
  }
}

extension SplitFingerprint {
  /// The splits that differ between the record and the current data, in words.
  static func differences(
    _ recorded: [SplitFingerprint], _ there: [SplitFingerprint]
  ) -> [(expected: String, received: String)] {
    Split.allCases.compactMap { split in
      let (a, b) = (recorded.first { $0.split == split }, there.first { $0.split == split })
      guard a != b else { return nil }
      return (
        "\(split) of \(a?.words ?? "no samples")", "\(split) of \(b?.words ?? "no samples")"
      )
    }
  }
}

extension RunFolder {
  /// Runs `body`, which uses the last checkpoint; an error that begins with the checkpoint's path
  /// is extended by how to continue without it, where the best checkpoint can be read.
  func explainingDamage<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      guard "\(error)".hasPrefix(lastCheckpoint), (try? RunCheckpoint(bestCheckpoint)) != nil else {
        throw error
      }
      throw DamagedCheckpoint(error: error, best: bestCheckpoint, config: config)
    }
  }
}

/// The last checkpoint cannot be used, in a run that has a best one.
struct DamagedCheckpoint: Error, CustomStringConvertible {
  var error: any Error
  var best: String
  var config: String

  var description: String {
    let start = shellWords([config, "--set", "network.weights=\(best)", "--out", "NEW"])
    return "\(error)\n\(best) can be read: athanor eval \(shellWords([best])) measures it; "
      + "athanor train \(start) starts a new run from its weights"
  }
}
