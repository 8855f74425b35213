import AthanorCore

/// Drops the squares of a random grid: stripes of width l remain at every d along both axes, and
/// the (d − l)² squares between them get the mean colour.
///
/// d is drawn from [d_min, d_max), the grid's offsets from [0, d), its angle in whole degrees from
/// [0, rotate). The probability grows with training: p·min(1, epoch/ramp).
///
/// Presets (options that are given override the preset):
///
///     segmentation    d 96…512, ratio .5, no rotation, p .75, ramp 250; labels under the grid stay
///     classification  d 96…224, ratio .6, rotate 360, p .8, ramp 240
///     detection       d 2…min(h, w), ratio .5 rounded to 1…d − 1, no rotation, p .7; boxes stay
public struct GridMask: Augmentation {
  public enum Preset: String, Codable, CaseIterable, Sendable {
    case segmentation, classification, detection
  }

  public struct Options: Codable, Sendable, DefaultInitializable {
    public var preset = Preset.segmentation
    public var probability: Double? = nil
    /// The epoch at which the full probability is reached; 0: from the first.
    public var ramp: Int? = nil
    public var dMin: Int? = nil
    public var dMax: Int? = nil
    /// The share l/d of a period that remains.
    public var ratio: Double? = nil
    /// Angles are below this, in degrees; 1 and 0: no rotation.
    public var rotate: Int? = nil
    /// Whether labels of pixels under the dropped squares become unknown: 255 in masks.
    public var ignore = false

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case preset, probability, ramp
      case dMin = "d_min"
      case dMax = "d_max"
      case ratio, rotate, ignore
    }
  }

  public static let name = "gridmask"
  public static let summary = "drops the squares of a random grid"
  public static let source = "Chen et al. 2020, and its segmentation and detection settings"

  private let options: Options
  private let probability: Double
  private let ramp: Int
  private let ratio: Double
  private let rotate: Int

  public init(_ options: Options) throws {
    self.options = options
    let preset: (probability: Double, ramp: Int, ratio: Double, rotate: Int)
    switch options.preset {
    case .segmentation: preset = (0.75, 250, 0.5, 1)
    case .classification: preset = (0.8, 240, 0.6, 360)
    case .detection: preset = (0.7, 0, 0.5, 1)
    }
    probability = options.probability ?? preset.probability
    ramp = options.ramp ?? preset.ramp
    ratio = options.ratio ?? preset.ratio
    rotate = options.rotate ?? preset.rotate
    try Check.probability(probability, "probability")
    guard ratio > 0, ratio < 1 else {
      throw SettingsError(
        key: "ratio", expected: "a number between 0 and 1", received: "\(ratio)")
    }
    for (key, value) in [("ramp", ramp), ("rotate", rotate)] where value < 0 {
      throw SettingsError(key: key, expected: "a number from 0 on", received: "\(value)")
    }
    let range = periods(forSmallerSide: 1 << 20)
    guard range.lowerBound >= 2, range.count > 0 else {
      throw SettingsError(
        key: "d_max", expected: "more than d_min, which is 2 or more",
        received: "d_min \(range.lowerBound), d_max \(options.dMax ?? range.upperBound)")
    }
  }

  /// With the default of each option that is not given.
  public init(
    preset: Preset = Options().preset, probability: Double? = nil, ramp: Int? = nil,
    dMin: Int? = nil, dMax: Int? = nil, ratio: Double? = nil, rotate: Int? = nil,
    ignore: Bool = Options().ignore
  ) throws {
    var options = Options()
    options.preset = preset
    options.probability = probability
    options.ramp = ramp
    options.dMin = dMin
    options.dMax = dMax
    options.ratio = ratio
    options.rotate = rotate
    options.ignore = ignore
    try self.init(options)
  }

  public func apply(to sample: Sample, epoch: Int, using generator: inout Generator) -> Sample {
    let growth = ramp > 0 ? min(1, Double(epoch) / Double(ramp)) : 1
    guard generator.chance(probability * growth) else { return sample }
    let (width, height) = (sample.image.width, sample.image.height)
    let grid = grid(smallerSide: min(width, height), using: &generator)
    var sample = sample
    let color = Array(neutralColor.prefix(sample.image.channels))
    sample.image.withMutablePixels { gridMask($0, grid, value: color) }
    if options.ignore { sample.forget { gridMask($0, grid, value: [255]) } }
    return sample
  }

  private func periods(forSmallerSide side: Int) -> Range<Int> {
    let preset: (Int, Int)
    switch options.preset {
    case .segmentation: preset = (96, 512)
    case .classification: preset = (96, 224)
    case .detection: preset = (2, side)
    }
    let low = options.dMin ?? preset.0
    return low..<max(low, options.dMax ?? preset.1)
  }

  private func grid(smallerSide: Int, using generator: inout Generator) -> MaskGrid {
    let range = periods(forSmallerSide: smallerSide)
    let d = range.isEmpty ? range.lowerBound : generator.integer(in: range)
    let stripe: Int
    switch options.preset {
    case .detection: stripe = min(max(Int(Double(d) * ratio + 0.5), 1), d - 1)
    default: stripe = Int((Double(d) * ratio).rounded(.up))
    }
    let (x, y) = (generator.integer(in: 0..<d), generator.integer(in: 0..<d))
    let degrees = rotate > 1 ? generator.integer(in: 0..<rotate) : 0
    return MaskGrid(period: d, stripe: stripe, x: x, y: y, degrees: degrees)
  }
}
