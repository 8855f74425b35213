import AthanorCore

/// Exchanges left and right, top and bottom, or both.
public struct FlipOp: PreprocessingOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    public var axis = FlipAxis.horizontal

    public init() {}
  }

  public static let name = "flip"
  public static let summary = "horizontal (left and right change places), vertical or both"
  public static let source = "cv::flip"

  private let options: Options

  public init(_ options: Options) { self.options = options }

  /// With the default of each option that is not given.
  public init(axis: FlipAxis = Options().axis) {
    var options = Options()
    options.axis = axis
    self.init(options)
  }

  public func apply(to sample: Sample) -> Sample { sample.flipped(options.axis) }
}
