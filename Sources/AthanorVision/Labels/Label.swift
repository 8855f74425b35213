import AthanorCore

/// One label of an image, or a network's prediction of it.
public enum Label: Equatable, Sendable {
  /// A class index for each pixel, of the image's size; 255 to ignore.
  case mask(Image)
  case boxes(BoxLabel)
  /// The depth of each pixel, one channel, in the data set's unit; valid where finite and above 0.
  case depth(DenseMap)
  /// Unit vectors of the surface, three channels; valid where their length is not 0.
  case normals(DenseMap)
  /// Any other numbers for each pixel; NaN where unknown.
  case map(DenseMap)
  /// The class of the image as a whole.
  case category(CategoryLabel)

  /// The kind of a label, whatever its name: it decides how it moves with its image and how it is
  /// batched.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    case mask, boxes, depth, normals, map
    case category = "class"

    /// The usual name of a label of this kind, also that of `Sample`'s accessor.
    public var usualName: String { rawValue }

    /// Whether a number of a map of this kind is valid: a depth above 0, a component of a normal
    /// other than 0, for other maps any finite number.
    public func isKnown(_ value: Float) -> Bool {
      guard value.isFinite else { return false }
      return switch self {
      case .depth: value > 0
      case .normals: value != 0
      default: true
      }
    }
  }

  public var kind: Kind {
    switch self {
    case .mask: .mask
    case .boxes: .boxes
    case .depth: .depth
    case .normals: .normals
    case .map: .map
    case .category: .category
    }
  }

  public var mask: Image? { if case .mask(let mask) = self { mask } else { nil } }

  public var boxes: BoxLabel? { if case .boxes(let boxes) = self { boxes } else { nil } }

  /// The numbers of `depth`, `normals` or `map`.
  public var map: DenseMap? {
    switch self {
    case .depth(let map), .normals(let map), .map(let map): map
    default: nil
    }
  }

  public var category: CategoryLabel? {
    if case .category(let category) = self { category } else { nil }
  }

  /// Its approximate size in memory.
  var byteCount: Int {
    switch self {
    case .mask(let mask): mask.pixels.count
    case .depth(let map), .normals(let map), .map(let map): 4 * map.values.count
    case .boxes, .category: 0
    }
  }
}

/// The objects of an image; empty where it is labelled and has none.
public struct BoxLabel: Equatable, Sendable {
  public var boxes: [BoundingBox]
  /// The annotations of the objects in the data set; nil where there is no more than `boxes`, and
  /// once the sample has been changed.
  public var annotations: [ObjectAnnotation]?
  /// The scores of predicted boxes; nil for true ones.
  public var scores: [Float]?

  public init(
    _ boxes: [BoundingBox], annotations: [ObjectAnnotation]? = nil, scores: [Float]? = nil
  ) {
    precondition(
      scores == nil || scores!.count == boxes.count,
      "BoxLabel: \(scores?.count ?? 0) scores for \(boxes.count) boxes")
    self.boxes = boxes
    self.annotations = annotations
    self.scores = scores
  }
}

/// The class of an image.
public struct CategoryLabel: Equatable, Sendable {
  /// Counted from 0.
  public var index: Int
  /// The predicted probability of every class; nil for a true label.
  public var scores: [Float]?

  public init(_ index: Int, scores: [Float]? = nil) {
    self.index = index
    self.scores = scores
  }
}
