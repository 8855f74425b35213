/// An object as annotated in its data set, with what training does not use: for evaluation, which
/// needs areas and crowds, and for writing labels.
public struct ObjectAnnotation: Equatable, Sendable {
  /// Corner and size in pixels of the original, neither clipped nor rounded.
  public var x: Double
  public var y: Double
  public var width: Double
  public var height: Double
  /// The class of the box, counted from 0 without background.
  public var label: Int
  /// The object's size for evaluation, square pixels; nil: width × height.
  public var area: Double?
  /// A region of many objects: no training target, and in evaluation neither right nor wrong.
  public var isCrowd: Bool
  /// The regions that the object covers; empty where only its box is known.
  public var outlines: [Outline]

  public init(
    x: Double, y: Double, width: Double, height: Double, label: Int, area: Double? = nil,
    isCrowd: Bool = false, outlines: [Outline] = []
  ) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
    self.label = label
    self.area = area
    self.isCrowd = isCrowd
    self.outlines = outlines
  }
}
