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

  /// What a label is, whatever it is called: how it moves with its image, and how it is batched.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    case mask, boxes, depth, normals, map
    case category = "class"

    /// What a data set calls its only label of the kind, and where `Sample` keeps it.
    public var usualName: String { rawValue }

    /// Whether a number of a map of this kind says something: a depth above 0, a part of a normal
    /// that is not 0, any other finite number.
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

  /// What it takes in memory, roughly.
  var byteCount: Int {
    switch self {
    case .mask(let mask): mask.pixels.count
    case .depth(let map), .normals(let map), .map(let map): 4 * map.values.count
    case .boxes, .category: 0
    }
  }
}

/// The objects of an image; none where it is labelled and shows none.
public struct BoxLabel: Equatable, Sendable {
  public var boxes: [BoundingBox]
  /// What the data set states of each object; nil where it states no more than `boxes`, and once
  /// the sample has been changed.
  public var annotations: [ObjectAnnotation]?
  /// How sure a network is of each box; nil for a truth.
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
  /// The probability of every class, as a network sees it; nil for a truth.
  public var scores: [Float]?

  public init(_ index: Int, scores: [Float]? = nil) {
    self.index = index
    self.scores = scores
  }
}
