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
  public var input = InputConfig()
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

/// The pixels that the network sees.
public struct InputConfig: Codable, Equatable, Sendable, DefaultInitializable {
  /// Multiples of 32.
  public var width = 128
  public var height = 128
  /// `letterbox` keeps the aspect and pads at the right and bottom, `stretch` does not.
  public var fit = Fit.letterbox
  /// What is subtracted from and divides R, G, B in 0…1: those of ImageNet.
  public var mean: [Float] = [0.485, 0.456, 0.406]
  public var std: [Float] = [0.229, 0.224, 0.225]

  public init() {}
}

extension InputConfig {
  public var format: InputFormat {
    InputFormat(width: width, height: height, fit: fit, mean: mean, deviation: std)
  }
}

/// The network, and what it starts from.
public struct NetworkConfig: Codable, Equatable, Sendable, DefaultInitializable {
  /// A name of the registry of backbones.
  public var backbone = Selection("resnet10")
  /// Channels of the first stage where the published network has 64; all others follow.
  public var width = 32
  public var fpnChannels = 64
  /// A file of weights, safetensors or PyTorch's .pth, whose tensors are loaded where names and
  /// shapes agree: a checkpoint, or torchvision's or timm's backbone; null: a fresh start.
  public var weights: String? = nil
  /// Patterns of the names of parameters that keep their values: `backbone.*`.
  public var freeze: [String] = []

  public init() {}

  private enum CodingKeys: String, CodingKey {
    case backbone, width
    case fpnChannels = "fpn_channels"
    case weights, freeze
  }
}

extension NetworkConfig {
  public var options: NetworkOptions {
    NetworkOptions(backbone: backbone, width: width, fpnChannels: fpnChannels)
  }
}
