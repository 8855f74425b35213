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

  public func apply(to sample: Sample) -> Sample {
    let (width, height) = (Float(sample.image.width), Float(sample.image.height))
    let (acrossX, acrossY) = (options.axis != .vertical, options.axis != .horizontal)
    var sample = sample
    sample.image = sample.image.flipped(options.axis)
    sample.mask = sample.mask?.flipped(options.axis)
    sample.boxes = sample.boxes?.map { box in
      var box = box
      if acrossX { (box.x1, box.x2) = (width - box.x2, width - box.x1) }
      if acrossY { (box.y1, box.y2) = (height - box.y2, height - box.y1) }
      return box
    }
    return sample
  }
}
