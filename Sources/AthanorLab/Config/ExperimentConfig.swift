import AthanorCore

/// Everything that decides a training run: what `config.yaml` holds.
///
/// The defaults are the built-in demonstration: synthetic scenes and a small network.
public struct ExperimentConfig: Codable, Equatable, Sendable, DefaultInitializable {
  /// What the run's folder is called, with a number: `runs/NAME-1`.
  public var name = "synthetic"
  public var seed = 0
  /// CPU threads; null: all.
  public var threads: Int? = nil
  public var tasks: [Task] = Task.allCases
  public var data = DataConfig()
  public var input = InputConfig()
  public var augmentations: [Selection] = []
  public var network = NetworkConfig()
  public var losses = LossesConfig()
  public var weighting = Selection("uncertainty")
  public var optimizer = Selection("adamw")
  public var schedule = Selection("cosine")
  public var training = TrainingConfig()
  public var best = BestConfig()

  public init() {}

  /// What a run learns: each is a head of the network, and can be left out.
  public enum Task: String, CaseIterable, Codable, Sendable { case segmentation, detection }
}

/// Where samples come from: one source, or several that are mixed.
public struct DataConfig: Codable, Equatable, Sendable {
  /// Names of the registry of datasets with their options.
  public var sources: [Selection]

  public init(_ sources: [Selection] = [Selection("synthetic")]) { self.sources = sources }

  /// Reads a selection or a list of them.
  public init(from decoder: any Decoder) throws {
    if let list = try? decoder.unkeyedContainer() {
      var list = list
      sources = []
      while !list.isAtEnd { sources.append(try list.decode(Selection.self)) }
    } else {
      sources = [try decoder.singleValueContainer().decode(Selection.self)]
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if sources.count == 1 {
      try container.encode(sources[0])
    } else {
      try container.encode(sources)
    }
  }
}

/// The pixels that the network sees.
public struct InputConfig: Codable, Equatable, Sendable, DefaultInitializable {
  /// Images are scaled to fit and padded at the right and bottom; multiples of 32.
  public var width = 128
  public var height = 128
  /// What is subtracted from and divides R, G, B in 0…1: those of ImageNet.
  public var mean = [0.485, 0.456, 0.406]
  public var std = [0.229, 0.224, 0.225]

  public init() {}
}

/// The network, and what it starts from.
public struct NetworkConfig: Codable, Equatable, Sendable, DefaultInitializable {
  public var backbone = "resnet10"
  /// Channels of the first stage.
  public var width = 32
  public var fpnChannels = 64
  /// A safetensors file whose arrays are loaded where names and shapes agree; null: a fresh start.
  public var weights: String? = nil

  public init() {}

  private enum CodingKeys: String, CodingKey {
    case backbone, width, weights
    case fpnChannels = "fpn_channels"
  }
}

/// The loss of each head.
public struct LossesConfig: Codable, Equatable, Sendable, DefaultInitializable {
  public var segmentation = Selection("cross_entropy")
  public var classification = Selection("focal")
  public var box = Selection("giou")
  public var centerness = Selection("bce")

  public init() {}
}

/// The course of the training.
public struct TrainingConfig: Codable, Equatable, Sendable, DefaultInitializable {
  public var epochs = 12
  public var batchSize = 8
  /// Batches whose gradients are averaged for one update.
  public var accumulation = 1
  /// The largest joint norm of the gradients; null: no limit.
  public var clipNorm: Double? = 10
  /// Updates of linear warm-up.
  public var warmup = 50
  /// Epochs between evaluations on val.
  public var evaluateEvery = 1
  /// Epochs between checkpoints.
  public var checkpointEvery = 1
  /// Steps between records of gradient norms and cosines on the shared features; 0: never.
  public var recordGradientsEvery = 0

  public init() {}

  private enum CodingKeys: String, CodingKey {
    case epochs, accumulation, warmup
    case batchSize = "batch_size"
    case clipNorm = "clip_norm"
    case evaluateEvery = "evaluate_every"
    case checkpointEvery = "checkpoint_every"
    case recordGradientsEvery = "record_gradients_every"
  }
}

/// The best checkpoint is the one with the greatest weighted sum of val mIoU and AP.
public struct BestConfig: Codable, Equatable, Sendable, DefaultInitializable {
  public var mIoU = 0.5
  public var ap = 0.5

  public init() {}

  private enum CodingKeys: String, CodingKey {
    case mIoU
    case ap = "AP"
  }
}
