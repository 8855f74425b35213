import AthanorCore

/// RGB to BGR or back.
public struct SwapChannelsOp: ValueOp {
  public static let name = "swap_channels"
  public static let summary = "red and blue change places"
  public static let source = "cv::cvtColor, COLOR_RGB2BGR"

  public init(_ options: NoOptions = NoOptions()) {}

  func apply(to image: Image) throws -> Image {
    try Check.channels(image, [3, 4], Self.name)
    return image.channelsSwapped()
  }
}
