import AthanorCore

/// An image with the labels it carries, by name: each may be missing.
///
/// A label that is missing adds nothing to the task that reads it; boxes without a box are a label:
/// no object.
public struct Sample: Sendable {
  /// What messages and predictions call it: the file's stem, with its subfolder where it has one.
  public var name: String
  /// RGB.
  public var image: Image
  /// By the names that the data set gives them: `mask`, `boxes`, `depth`, `normals`, `class`, and
  /// whatever else it has.
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

  /// What the data set states of each object beside `boxes`; not kept where there are no boxes.
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
  /// The sample with those of its labels that are named.
  public func keeping(_ names: Set<String>) -> Sample {
    Sample(name: name, image: image, labels: labels.filter { names.contains($0.key) })
  }

  /// What it takes in memory, roughly.
  public var byteCount: Int { labels.values.reduce(image.pixels.count) { $0 + $1.byteCount } }
}
