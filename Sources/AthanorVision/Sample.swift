import AthanorCore

/// An image with the labels it carries: a mask, boxes, both or neither.
///
/// `nil` means unlabelled and adds nothing to that task; an empty `boxes` means labelled, no object.
public struct Sample: Sendable {
  /// What messages and predictions call it: the file's stem.
  public var name: String
  /// RGB.
  public var image: Image
  /// Class indices of the image's size, 255 to ignore.
  public var mask: Image?
  public var boxes: [BoundingBox]?

  public init(name: String, image: Image, mask: Image? = nil, boxes: [BoundingBox]? = nil) {
    self.name = name
    self.image = image
    self.mask = mask
    self.boxes = boxes
  }
}
