import AthanorCore

/// An image with its labels by name, any of which may be missing.
///
/// A missing label adds nothing to the loss of the task that reads it. An empty list of boxes is a
/// label: no object.
public struct Sample: Sendable {
  /// Its name in messages and predictions: the file's stem, with its subfolder if there is one.
  public var name: String
  /// RGB.
  public var image: Image
  /// By their names in the data set: `mask`, `boxes`, `depth`, `normals`, `class` or any others.
  public var labels: [String: Label]

  public init(name: String, image: Image, labels: [String: Label]) {
    self.name = name
    self.image = image
    self.labels = labels
  }

  /// A sample with the usual labels.
  public init(
    name: String, image: Image, mask: Image? = nil, boxes: [BoundingBox]? = nil,
    annotations: [ObjectAnnotation]? = nil, depth: DenseMap? = nil, normals: DenseMap? = nil,
    category: Int? = nil
  ) {
    self.init(name: name, image: image, labels: [:])
    self.mask = mask
    self.boxes = boxes
    self.annotations = annotations
    self.depth = depth
    self.normals = normals
    self.category = category
  }
}

/// The usual labels under their usual names.
extension Sample {
  /// Class indices of the image's size, 255 to ignore.
  public var mask: Image? {
    get { self[.mask]?.mask }
    set { self[.mask] = newValue.map { .mask($0) } }
  }

  public var boxes: [BoundingBox]? {
    get { self[.boxes]?.boxes?.boxes }
    set {
      let annotations = annotations
      self[.boxes] = newValue.map { .boxes(BoxLabel($0, annotations: annotations)) }
    }
  }

  /// The annotations of each object beside `boxes`; nil where there are no boxes.
  public var annotations: [ObjectAnnotation]? {
    get { self[.boxes]?.boxes?.annotations }
    set {
      guard let boxes else { return }
      self[.boxes] = .boxes(BoxLabel(boxes, annotations: newValue))
    }
  }

  /// Depth of each pixel, in the data set's unit; valid where finite and above 0.
  public var depth: DenseMap? {
    get { self[.depth]?.map }
    set { self[.depth] = newValue.map { .depth($0) } }
  }

  /// Unit vectors of the surface; valid where their length is not 0.
  public var normals: DenseMap? {
    get { self[.normals]?.map }
    set { self[.normals] = newValue.map { .normals($0) } }
  }

  /// The class of the image as a whole.
  public var category: Int? {
    get { self[.category]?.category?.index }
    set { self[.category] = newValue.map { .category(CategoryLabel($0)) } }
  }

  private subscript(kind: Label.Kind) -> Label? {
    get { labels[kind.usualName] }
    set { labels[kind.usualName] = newValue }
  }
}

extension Sample {
  /// The sample with only the labels of these names.
  public func keeping(_ names: Set<String>) -> Sample {
    Sample(name: name, image: image, labels: labels.filter { names.contains($0.key) })
  }

  /// Its approximate size in memory.
  public var byteCount: Int { labels.values.reduce(image.pixels.count) { $0 + $1.byteCount } }
}
