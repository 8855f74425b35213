import AthanorCore
import AthanorData
import AthanorTraining
import Foundation

@testable import AthanorExperiment

/// The words of a checkpoint. The input is the header of a safetensors file of no tensor, so that
/// its length is right whatever the fuzzer makes of it.
extension Reader {
  static let checkpoint = Reader(
    name: "checkpoint",
    seeds: {
      var small = ExperimentConfig()
      (small.input.width, small.input.height) = (32, 32)
      return try [ExperimentConfig.builtIn, small].map { config in
        let whole = try written {
          try RunCheckpoint.write(
            TrainingState(progress: .init(), tensors: []),
            .init(
              config: config,
              classes: DataClasses(masks: ["ground", "a"], boxes: ["a"]),
              record: RunRecord(
                splits: [SplitFingerprint(.train, samples: 2, fingerprint: "0123456789abcdef")],
                segments: [.init(epochs: 3, machine: .current)])), to: $0)
        }
        return Array(whole.dropFirst(8))
      }
    }
  ) { header in
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    let path = "\(scratch)/checkpoint.safetensors"
    try Data(length + header).write(to: URL(fileURLWithPath: path))
    _ = try RunCheckpoint(path)
  }
}
