import AthanorCore
import AthanorKernels

/// The number of the connected part that each non-zero pixel lies in; an RGB image becomes
/// gray first.
public struct ConnectedComponentsOp: PreprocessingOp {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// 4: pixels touch at their sides; 8: at their corners too.
    public var connectivity = Connectivity.eight

    public init() {}
  }

  public static let name = "connected_components"
  public static let summary = "numbers of the connected parts, written as .npy"
  public static let source = "cv::connectedComponents"

  private let options: Options

  public init(_ options: Options) { self.options = options }

  /// With the default of each option that is not given.
  public init(connectivity: Connectivity = Options().connectivity) {
    var options = Options()
    options.connectivity = connectivity
    self.init(options)
  }

  public func apply(to sample: Sample) -> Sample { sample }

  public var givesArray: Bool { true }

  public func array(of image: Image) -> NumericArray {
    NumericArray(
      image.grayed().connectedComponents(options.connectivity).labels,
      shape: [image.height, image.width])
  }
}
