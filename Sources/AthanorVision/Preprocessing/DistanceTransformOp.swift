import AthanorCore

/// The distance of every pixel to the nearest zero, as floats; an RGB image becomes gray first.
public struct DistanceTransformOp: PreprocessingOp {
  public static let name = "distance_transform"
  public static let summary = "distances to the nearest zero pixel, written as .npy"
  public static let source = "cv::distanceTransform, DIST_L2, DIST_MASK_PRECISE"

  public init(_ options: NoOptions = NoOptions()) {}

  public func apply(to sample: Sample) -> Sample { sample }

  public var givesArray: Bool { true }

  public func array(of image: Image) -> NumericArray {
    NumericArray(image.grayed().distanceTransformed(), shape: [image.height, image.width])
  }
}
