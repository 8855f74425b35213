import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTraining

/// Everything that decides a training run: what `config.yaml` holds.
///
/// A file states what differs from the defaults here. Without a file a run is `builtIn`.
public struct ExperimentConfig: Codable, Equatable, Sendable, DefaultInitializable {
  /// What the run's folder is called, with a number: `runs/NAME-1`.
  public var name = "synthetic"
  public var seed = 0
  /// CPU threads; null: all.
  public var threads: Int? = nil
  /// What a run learns, under names of its own: each is a head of the network.
  public var tasks: NamedSelections = ["segmentation", "detection"]
  /// A name of the registry of data sets with its options; `mix` joins several.
  public var data = Selection("synthetic")
  /// The pixels that the network sees.
  public var input = InputFormat()
  public var augmentations = [
    Selection("horizontal_flip"), Selection("random_scale_crop"), Selection("color_jitter"),
  ]
  public var network = NetworkConfig()
  public var weighting = Selection("uncertainty")
  public var optimizer = Selection("adamw")
  public var schedule = Selection("cosine")
  public var training = TrainingOptions()

  public init() {}

  /// What `athanor train` does without a configuration: synthetic scenes and a small network, in a
  /// few minutes. There is no end of scenes, so each is seen a few times and hardly augmented.
  public static let builtIn: ExperimentConfig = {
    var config = ExperimentConfig()
    config.augmentations = [Selection("horizontal_flip")]
    config.optimizer = Selection("adamw", [.init("learning_rate", .number(3e-3))])
    config.training.epochs = 6
    return config
  }()
}

/// The network, and what it starts from; in a file on one level.
@dynamicMemberLookup
public struct NetworkConfig: Codable, Equatable, Sendable, DefaultInitializable {
  public var options = NetworkOptions()
  /// A file of weights, safetensors or PyTorch's .pth, whose tensors are loaded where names and
  /// shapes agree: a checkpoint, or torchvision's or timm's backbone; null: a fresh start.
  public var weights: String? = nil
  /// Patterns of the names of parameters that keep their values: `backbone.*`.
  public var freeze: [String] = []

  public init() {}

  private enum CodingKeys: CodingKey { case weights, freeze }

  public init(from decoder: any Decoder) throws {
    options = try NetworkOptions(from: decoder)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    weights = try values.decodeIfPresent(String.self, forKey: .weights)
    freeze = try values.decode([String].self, forKey: .freeze)
  }

  public func encode(to encoder: any Encoder) throws {
    try options.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encodeIfPresent(weights, forKey: .weights)
    try values.encode(freeze, forKey: .freeze)
  }

  public subscript<Value>(dynamicMember key: WritableKeyPath<NetworkOptions, Value>) -> Value {
    get { options[keyPath: key] }
    set { options[keyPath: key] = newValue }
  }
}
