import AthanorCore

/// One channel from RGB.
public struct GrayOp: ValueOp {
  public static let name = "gray"
  public static let summary = "one channel from RGB"
  public static let source = "cv::cvtColor, COLOR_RGB2GRAY"

  public init(_ options: NoOptions = NoOptions()) {}

  func apply(to image: Image) -> Image { image.grayed() }
}
