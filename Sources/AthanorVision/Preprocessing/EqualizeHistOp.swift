import AthanorCore

/// Spreads gray levels evenly; an RGB image becomes gray first.
public struct EqualizeHistOp: ValueOp {
  public static let name = "equalize_hist"
  public static let summary = "gray levels spread evenly (RGB becomes gray first)"
  public static let source = "cv::equalizeHist"

  public init(_ options: NoOptions = NoOptions()) {}

  func apply(to image: Image) -> Image { image.grayed().histogramEqualized() }
}
