import AthanorCore
import AthanorVision

/// The kind of a label of a data set, and its classes.
public struct LabelClasses: Codable, Equatable, Sendable {
  public var kind: Label.Kind
  /// By mask index or class index, background first where there is one; empty for labels of
  /// numbers.
  public var names: [String]
  /// RGB triples, one for each class of a mask.
  public var palette: [UInt8]
  /// The category id of each class of boxes in COCO files.
  public var categoryIDs: [COCOIdentifier]
  /// The numbers of each pixel of a `map`, the same in all of them; nil for other kinds.
  public var channels: Int?

  public init(
    _ kind: Label.Kind, _ names: [String] = [], palette: [UInt8]? = nil,
    categoryIDs: [COCOIdentifier]? = nil, channels: Int? = nil
  ) {
    self.kind = kind
    self.channels = channels
    self.names = names
    self.palette = palette ?? (kind == .mask ? Array(Colors.voc.prefix(3 * names.count)) : [])
    self.categoryIDs =
      categoryIDs ?? (kind == .boxes ? names.indices.map { .number($0 + 1) } : [])
  }

  /// Reads what `encode(to:)` wrote. Throws `DecodingError` for lists that do not fit each other.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    kind = try values.decode(Label.Kind.self, forKey: .kind)
    names = try values.decode([String].self, forKey: .names)
    palette = try values.decode([UInt8].self, forKey: .palette)
    categoryIDs = try values.decode([COCOIdentifier].self, forKey: .categoryIDs)
    channels = try values.decodeIfPresent(Int.self, forKey: .channels)
    func require(_ isSo: Bool, _ key: CodingKeys, _ expected: String) throws {
      guard !isSo else { return }
      throw DecodingError.dataCorruptedError(
        forKey: key, in: values, debugDescription: "expected \(expected)")
    }
    try require(
      kind != .mask || names.count <= 255, .names, "255 classes of masks at the most")
    try require(Set(names).count == names.count, .names, "names that differ")
    try require(palette.count % 3 == 0, .palette, "three numbers a colour")
    try require(
      kind != .boxes || (categoryIDs.count == names.count && Set(categoryIDs).count == names.count),
      .categoryIDs, "one id for each of \(names.count) box classes")
  }

  /// The colour of a mask class.
  public func color(_ index: Int) -> [UInt8] {
    3 * index + 2 < palette.count
      ? Array(palette[(3 * index)..<(3 * index + 3)]) : Colors.mask(index)
  }

  /// The name of a class; nil where the index is not one.
  public func name(_ index: Int) -> String? { names.indices.contains(index) ? names[index] : nil }
}

/// The labels of a data set by name, their classes, and how they are drawn.
public struct DataClasses: Codable, Equatable, Sendable {
  /// The labels that samples may have.
  public var labels: [String: LabelClasses]

  public init(labels: [String: LabelClasses]) { self.labels = labels }

  /// The usual labels: a mask where `masks` has classes, boxes where `boxes` has.
  ///
  /// - `masks`: By mask index, background first where there is one.
  /// - `boxes`: By box label, without background.
  /// - `numbers`: Which labels of numbers there are: `depth`, `normals`.
  public init(
    masks: [String], boxes: [String], palette: [UInt8]? = nil,
    categoryIDs: [COCOIdentifier]? = nil, numbers: [Label.Kind] = []
  ) {
    labels = [:]
    if !masks.isEmpty { self[.mask] = LabelClasses(.mask, masks, palette: palette) }
    if !boxes.isEmpty { self[.boxes] = LabelClasses(.boxes, boxes, categoryIDs: categoryIDs) }
    for kind in numbers { self[kind] = LabelClasses(kind) }
  }

  /// The label of a kind that has the kind's usual name.
  public subscript(kind: Label.Kind) -> LabelClasses? {
    get { labels[kind.usualName] }
    set { labels[kind.usualName] = newValue }
  }

  /// The classes of `mask` by index; empty where there are no masks.
  public var masks: [String] { self[.mask]?.names ?? [] }
  /// The classes of `boxes` by label, without background; empty where there are no boxes.
  public var boxes: [String] { self[.boxes]?.names ?? [] }
  /// RGB triples, one for each class of `mask`.
  public var palette: [UInt8] {
    self[.mask]?.palette ?? Array(Colors.voc.prefix(3 * (boxes.count + 1)))
  }
  /// The category id of each class of `boxes` in COCO files.
  public var categoryIDs: [COCOIdentifier] {
    get { self[.boxes]?.categoryIDs ?? [] }
    set { self[.boxes]?.categoryIDs = newValue }
  }

  /// The colour of a class of boxes: that of a mask class of its name, where there is one.
  public func boxColor(_ label: Int, named name: String?) -> [UInt8] {
    guard let name else { return Colors.box(label) }
    for (_, own) in labels.sorted(by: { $0.key < $1.key }) where own.kind == .mask {
      if let index = own.names.firstIndex(of: name) { return own.color(index) }
    }
    return Colors.box(label)
  }

  /// The colour of a class of `mask`.
  public func maskColor(_ index: Int) -> [UInt8] {
    self[.mask]?.color(index) ?? Colors.mask(index)
  }
}
