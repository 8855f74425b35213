import AthanorCore
import AthanorVision

/// BDD100K: boxes of one JSON file per split, and masks of drivable area, lane markings or
/// everything.
///
/// Boxes are those of `det_20`, or else of the first release, whose names (`bike`, `motor`) are
/// unchanged. Drivable masks are 0 direct, 1 alternative, 2 background. Lane masks are bits: the
/// marking in the lowest three, then background, style (dashed) and direction (vertical); the last
/// two are not read. Semantic masks have Cityscapes' training classes and belong to the images of
/// `10k`. One kind is the label `mask`; the others are labels of their own names, so that a run can
/// learn drivable area and lane markings at once.
public struct BDD100KLayout: Layout {
  public static let name = "bdd100k"
  public static let summary = "BDD100K: boxes with drivable area, lane markings or semantic masks"
  public static let source = "Yu et al. 2020, BDD100K"
  public static let onDisk = [
    "images/100k/train/                     images, val/, test/ likewise; or images/10k/",
    "labels/det_20/det_train.json           boxes; or labels/bdd100k_labels_images_train.json",
    "labels/drivable/masks/train/*.png      0 direct, 1 alternative, 2 background",
    "labels/lane/masks/train/*.png          bits: marking, background, style, direction",
    "labels/sem_seg/masks/train/*.png       Cityscapes' 19 classes, 255 to ignore",
  ]

  /// Which masks are read.
  enum Masks: String, CaseIterable {
    case drivable, lane, sem_seg
  }

  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    /// The kind that is the label `mask`: `drivable`, `lane` or `sem_seg`; empty: the first one
    /// present.
    public var masks = ""

    public init() {}
  }

  private static let drivable = [0: "direct", 1: "alternative", 2: "background"]
  private static let markings = [
    "crosswalk", "double other", "double white", "double yellow", "road curb", "single other",
    "single white", "single yellow",
  ]

  public let options: LayoutOptions<Own>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<Own>) throws {
    guard options.masks.isEmpty || Masks(rawValue: options.masks) != nil else {
      throw SettingsError(
        key: "masks", expected: Masks.allCases.map(\.rawValue).joined(separator: ", "),
        received: "'\(options.masks)'")
    }
    self.options = options
  }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    let images = ["100k", "10k"].compactMap { Self.images($0, tree) }
    let labels =
      Masks.allCases.compactMap { masks($0, tree) } + (detections(in: tree)?.files ?? [])
    guard let first = images.first else {
      return labels.first.map { .near("\($0) without images/100k/ or images/10k/") } ?? .no
    }
    return labels.isEmpty
      ? .near("\(first)/ without labels/det_20/, labels/drivable/masks/ or other labels of BDD100K")
      : .yes([])
  }

  /// The folder `images/100k` or `images/10k`, wherever it is.
  private static func images(_ size: String, _ tree: DataTree) -> String? {
    ending(in: "images/\(size)", tree)
  }

  private static func masks(_ kind: Masks, _ tree: DataTree) -> String? {
    ending(in: "\(kind)/masks", tree).flatMap {
      tree.files(in: $0, kinds: ["png"]).isEmpty ? nil : $0
    }
  }

  private static func ending(in path: String, _ tree: DataTree) -> String? {
    tree.folder([path]) ?? tree.folders.first { $0.hasSuffix("/" + path) }
  }

  /// The files of boxes, of the later release if there is one.
  private static func detections(in tree: DataTree) -> (files: [String], isLater: Bool)? {
    let json = tree.files(in: "", kinds: ["json"])
    for (start, isLater) in [("det_", true), ("bdd100k_labels_images_", false)] {
      let files = json.filter { path in
        let stem = FileName.stem(of: path)
        return stem.hasPrefix(start) && Split.isName(String(stem.dropFirst(start.count)))
      }
      if !files.isEmpty { return (files, isLater) }
    }
    return nil
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let kinds = Masks.allCases.filter { Self.masks($0, tree) != nil }
    let large = Self.images("100k", tree)
    var kind = Masks(rawValue: options.masks)
    if let kind, !kinds.contains(kind) {
      throw ContentError(
        path: tree.path("labels/\(kind)/masks"), expected: "masks", received: "none there")
    }
    // Semantic masks belong to the images of `10k`.
    if kind == nil {
      kind = large == nil && kinds.contains(.sem_seg) ? .sem_seg : kinds.first
    }
    let boxes = Self.detections(in: tree)
    let small = Self.images("10k", tree)
    guard let images = kind == .sem_seg ? small ?? large : large ?? small else {
      throw ContentError(
        path: tree.path("images/100k"), expected: "images", received: "no such folder")
    }
    let masks = kind.flatMap { Self.masks($0, tree) }
    let places = Self.places(images, masks, tree)
    let found = try tree.images(in: places, kinds: ["png"], warnings)
    guard !found.isEmpty else { throw noImages(in: tree, images) }
    let items = found.map {
      Survey.Item(name: $0.name, image: tree.path($0.path), split: $0.split)
    }
    var classes = kind.map(Self.classes) ?? FoundClasses(file: tree.root)
    let detections = try boxes.map { files, isLater in
      try BDDDetections(files.map(tree.path), isLater: isLater, items, warnings)
    }
    classes.boxes = detections?.names ?? []
    var survey = Survey.masked(
      items, masks: found.map { $0.label.map(tree.path) }, kind.map(Self.coding), classes,
      boxes: detections.map { detections in
        Survey.Boxes(names: detections.names, file: { detections.file(of: $0) ?? items[$0].image })
        {
          item, _ in detections.objects(of: item)
        }
      }, warnings)
    for other in kinds where other != kind {
      let labels = try tree.images(
        in: Self.places(images, Self.masks(other, tree), tree), kinds: ["png"], WarningLog())
      let paths = Dictionary(
        labels.compactMap { image in image.label.map { (image.path, tree.path($0)) } },
        uniquingKeysWith: { first, _ in first })
      guard !paths.isEmpty else { continue }
      survey = try survey.adding(
        "\(other)", masks: found.map { paths[$0.path] }, Self.coding(other), Self.classes(other),
        warnings)
    }
    return survey
  }

  /// The folders of the splits, with the masks of each.
  private static func places(_ images: String, _ masks: String?, _ tree: DataTree) -> [ImagePlace] {
    let parts = tree.folders(in: images).filter { Split.isName(FileName.last(of: $0)) }
    guard !parts.isEmpty else { return [ImagePlace(images: images, labels: masks, split: nil)] }
    return parts.map { part in
      let name = FileName.last(of: part)
      return ImagePlace(
        images: part, labels: masks.flatMap { tree.folder(["\($0)/\(name)"]) },
        split: Split(named: name))
    }
  }

  private static func coding(_ kind: Masks) -> MaskCoding {
    var coding = MaskCoding(file: "BDD100K's \(kind) masks")
    switch kind {
    case .drivable: coding.values = drivable
    case .lane:
      for value in 0...255 {
        coding.values[value] = value & 8 == 0 ? markings[value & 7] : "background"
      }
    case .sem_seg: coding.values = CityscapesLabels.trainNames
    }
    return coding
  }

  private static func classes(_ kind: Masks) -> FoundClasses {
    var classes = FoundClasses(file: "BDD100K's \(kind) masks")
    switch kind {
    case .drivable: classes.masks = ["background", "direct", "alternative"]
    case .lane: classes.masks = ["background"] + markings
    case .sem_seg:
      classes.masks = CityscapesLabels.classes(.train, wanted: []).masks
      classes.colors = CityscapesLabels.colors
    }
    return classes
  }
}
