import AthanorCore

/// An image with the labels it carries: each may be missing.
///
/// `nil` means unlabelled and adds nothing to that task; an empty `boxes` means labelled, no
/// object.
public struct Sample: Sendable {
  /// What messages and predictions call it: the file's stem, with its subfolder where it has one.
  public var name: String
  /// RGB.
  public var image: Image
  /// Class indices of the image's size, 255 to ignore.
  public var mask: Image?
  public var boxes: [BoundingBox]?
  /// What the data set states of each object; nil where it states no more than `boxes`, and once
  /// the sample has been changed.
  public var annotations: [ObjectAnnotation]?
  /// Depth of each pixel, in the data set's unit; valid where finite and above 0.
  public var depth: DenseMap?
  /// Unit vectors of the surface; valid where their length is not 0.
  public var normals: DenseMap?

  public init(
    name: String, image: Image, mask: Image? = nil, boxes: [BoundingBox]? = nil,
    annotations: [ObjectAnnotation]? = nil, depth: DenseMap? = nil, normals: DenseMap? = nil
  ) {
    self.name = name
    self.image = image
    self.mask = mask
    self.boxes = boxes
    self.annotations = annotations
    self.depth = depth
    self.normals = normals
  }
}

extension Sample {
  /// The sample without the labels that changing it would not carry along.
  func withoutFixedLabels() -> Sample {
    Sample(name: name, image: image, mask: mask, boxes: boxes)
  }
}
