import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTraining

/// Everything that determines a training run: the content of `config.yaml`.
///
/// A file only contains what differs from the defaults here. Without a file, a run uses `builtIn`.
public struct ExperimentConfig: Codable, Equatable, Sendable, DefaultInitializable {
  /// The name of the run's folder, which is followed by a number: `runs/NAME-1`.
  public var name = "synthetic"
  public var seed = 0
  /// The number of CPU threads; null: all CPUs.
  public var threads: Int? = nil
  /// The tasks that a run learns, each under its own name: each has a head of the network.
  public var tasks: NamedSelections = ["segmentation", "detection"]
  /// The data set: a name of the registry with its options; `mix` joins several.
  public var data = Selection("synthetic")
  /// The size and form of the images that the network receives.
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

  /// The configuration of `athanor train` without a file: synthetic scenes and a small network,
  /// trained in a few minutes. The number of scenes is unlimited, so each is seen a few times and
  /// hardly augmented.
  public static let builtIn: ExperimentConfig = {
    var config = ExperimentConfig()
    config.augmentations = [Selection("horizontal_flip")]
    config.optimizer = Selection("adamw", [.init("learning_rate", .number(3e-3))])
    config.training.epochs = 6
    return config
  }()
}

/// The network, and its initial weights; in a file its options and these are on one level.
@dynamicMemberLookup
public struct NetworkConfig: Codable, Equatable, Sendable, DefaultInitializable {
  public var options = NetworkOptions()
  /// A file of weights, safetensors or PyTorch's .pth, whose tensors are loaded where names and
  /// shapes agree: a checkpoint, or torchvision's or timm's backbone; null: random weights.
  public var weights: String? = nil
  /// Patterns for the names of parameters that are not trained: `backbone.*`.
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
