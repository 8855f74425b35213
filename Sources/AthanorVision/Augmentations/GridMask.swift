import AthanorCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Drops the squares of a random grid: stripes of width l stay at every d along both axes, and the
/// (d − l)² squares between them take the mean colour.
///
/// d is drawn from [d_min, d_max), the grid's offsets from [0, d), its angle in whole degrees from
/// [0, rotate). The probability grows with training: p·min(1, epoch/ramp).
///
/// Presets (an option given here replaces the preset's):
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
    /// The epoch at which the full probability is reached; 0: from the start.
    public var ramp: Int? = nil
    public var d_min: Int? = nil
    public var d_max: Int? = nil
    /// The share l/d of a period that stays.
    public var ratio: Double? = nil
    /// Angles are below this, in degrees; 1 and 0: no rotation.
    public var rotate: Int? = nil
    /// Whether mask pixels under the dropped squares become 255.
    public var ignore = false

    public init() {}
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
        received: "d_min \(range.lowerBound), d_max \(options.d_max ?? range.upperBound)")
    }
  }

  public func apply(to sample: Sample, epoch: Int, using generator: inout Generator) -> Sample {
    let growth = ramp > 0 ? min(1, Double(epoch) / Double(ramp)) : 1
    guard generator.chance(probability * growth) else { return sample }
    let (width, height) = (sample.image.width, sample.image.height)
    let grid = grid(smallerSide: min(width, height), using: &generator)
    let dropped = grid.squares(width: width, height: height)
    var sample = sample
    sample.image.pixels.replace(dropped, with: Array(neutralColor.prefix(sample.image.channels)))
    if options.ignore { sample.mask?.pixels.replace(dropped, with: [255]) }
    return sample
  }

  private func periods(forSmallerSide side: Int) -> Range<Int> {
    let preset: (Int, Int)
    switch options.preset {
    case .segmentation: preset = (96, 512)
    case .classification: preset = (96, 224)
    case .detection: preset = (2, side)
    }
    let low = options.d_min ?? preset.0
    return low..<max(low, options.d_max ?? preset.1)
  }

  private func grid(smallerSide: Int, using generator: inout Generator) -> Grid {
    let range = periods(forSmallerSide: smallerSide)
    let d = range.isEmpty ? range.lowerBound : generator.integer(in: range)
    let stripe: Int
    switch options.preset {
    case .detection: stripe = min(max(Int(Double(d) * ratio + 0.5), 1), d - 1)
    default: stripe = Int((Double(d) * ratio).rounded(.up))
    }
    let (x, y) = (generator.integer(in: 0..<d), generator.integer(in: 0..<d))
    let degrees = rotate > 1 ? generator.integer(in: 0..<rotate) : 0
    return Grid(period: d, stripe: stripe, x: x, y: y, degrees: degrees)
  }
}

/// Stripes at `x + k·period` and `y + k·period`, turned about the image's centre.
private struct Grid {
  var period: Int
  var stripe: Int
  var x: Int
  var y: Int
  var degrees: Int

  /// Which pixels lie in no stripe, row by row.
  func squares(width: Int, height: Int) -> [Bool] {
    func isBetween(_ position: Int, _ offset: Int) -> Bool {
      let phase = (position - offset) % period
      return (phase < 0 ? phase + period : phase) >= stripe
    }
    var dropped = [Bool](repeating: false, count: width * height)
    if degrees == 0 {
      let columns = (0..<width).map { isBetween($0, x) }
      for row in 0..<height where isBetween(row, y) {
        dropped.replaceSubrange((row * width)..<((row + 1) * width), with: columns)
      }
      return dropped
    }
    let angle = Double(degrees) * .pi / 180
    let (sine, cosine) = (sin(angle), cos(angle))
    for row in 0..<height {
      let v = Double(row) - Double(height - 1) / 2
      for column in 0..<width {
        let u = Double(column) - Double(width - 1) / 2
        let turnedX = Int((u * cosine + v * sine).rounded(.down))
        let turnedY = Int((v * cosine - u * sine).rounded(.down))
        dropped[row * width + column] = isBetween(turnedX, x) && isBetween(turnedY, y)
      }
    }
    return dropped
  }
}

extension [UInt8] {
  /// Puts `value` in place of the marked pixels.
  fileprivate mutating func replace(_ marked: [Bool], with value: [UInt8]) {
    for (i, isMarked) in marked.enumerated() where isMarked {
      for (c, v) in value.enumerated() { self[i * value.count + c] = v }
    }
  }
}
