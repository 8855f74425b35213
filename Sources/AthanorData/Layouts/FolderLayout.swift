import AthanorCore
import AthanorVision

/// Images and masks in two folders, paired by file name.
///
/// `images/` and `masks/` under the usual names, a subfolder per split in each, a folder a
/// split with both in it, or `train/` beside `train_labels/`. Otherwise `train.txt`, `val.txt`,
/// `test.txt` with a name per line, or seeded shares. Images without a mask are
/// counted.
public struct FolderLayout: Layout {
  public static let name = "folder"
  public static let summary =
    "images and masks (depth, normals) paired by file name, in folders of their own"
  public static let source = "the plain layout of most segmentation sets"
  public static let onDisk = [
    "images/              images (or image, imgs, img_dir, rgb, …)",
    "masks/               masks of the same names (or labels, gt, semantic, ann_dir, …)",
    "images/train, …      a subfolder a split; or train/images; or train beside train_labels",
    "x.jpg, x_mask.png    or both in one folder, with _classes.csv: value, name",
    "depth/, normals/     depth as 16-bit PNG or .npy; normals as RGB or .npy",
    "lane_masks/          further labels of any name, with more_masks={lane: lane_masks}",
    "labelmap.txt         colours: name:r,g,b or 'r g b name', also class_dict.csv",
    "class_names.txt      a name a line, by mask value; or dataset_meta.json, id2label.json",
  ]

  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    /// The folders, where `{split}` is a split's name; empty: those of the usual names.
    public var images = ""
    public var masks = ""
    /// What a mask's stem adds to its image's, before and after. Empty: detected.
    public var maskPrefix = ""
    public var maskSuffix = ""
    /// Further masks, each a label of its own name: `{lane: lane_masks}` is the label `lane`, in
    /// the folder `lane_masks`. They are paired as the others are; the names of their values are
    /// read from their own folder.
    public var moreMasks: [String: String] = [:]
    /// Numbers of any meaning, each a label of its own name: a folder of .npy, `[H, W]` or
    /// `[H, W, C]`, NaN where unknown.
    public var maps: [String: String] = [:]
    /// The folders of depth and normals; empty: `depth` and `normals` where they exist.
    public var depth = ""
    public var normals = ""
    /// The divisor of stored depths: 1000 turns millimetres into metres.
    public var depthScale = 1.0
    /// Mask values that become 255.
    public var ignore: [Int] = []
    /// The mask value of each name in `classes`, where the values are not 0, 1, 2, …
    public var values: [Int] = []
    /// The divisor of values that gives the class: 256 or 1000 where masks contain class × 256 +
    /// object.
    public var divisor = 1
    /// The class of every object in masks that number their objects 1, 2, 3, …; adds boxes too.
    public var object = ""

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case images, masks
      case maskPrefix = "mask_prefix"
      case maskSuffix = "mask_suffix"
      case moreMasks = "more_masks"
      case maps, depth, normals
      case depthScale = "depth_scale"
      case ignore, values, divisor, object
    }
  }

  static let imageFolders = [
    "images", "image", "imgs", "img", "img_dir", "JPEGImages", "PNGImages", "image_2", "rgb", "raw",
    "input", "inputs", "photos", "701_StillsRaw_full", "x",
  ]
  static let maskFolders = [
    "masks", "mask", "labels", "label", "annotations", "annotation", "ann_dir", "ann", "gt",
    "groundtruth", "ground_truth", "semantic", "semantics", "seg", "segmentation", "segmentations",
    "SegmentationClass", "SegmentationClassPNG", "PedMasks", "lbl", "targets", "target",
    "LabeledApproved_full", "y",
  ]
  /// The kinds of masks, the usual ones first; lossy ones are refused on reading.
  static let maskKinds = ["png", "bmp", "tif", "tiff", "webp", "jpg", "jpeg"]

  public let options: LayoutOptions<Own>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<Own>) throws {
    try requireAtLeast(1, options.divisor, "divisor")
    try requirePositive(options.depthScale, "depth_scale")
    try Self.checkNames(options.own)
    self.options = options
  }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    let places = Self.places(in: tree, images: "", masks: "")
    guard !places.isEmpty else {
      guard let folder = tree.folder(["masks", "mask"]) else { return .no }
      return .near(
        tree.holdsMasks(folder)
          ? "\(folder)/ without a folder of images beside it"
          : "\(folder)/ without masks of a kind that is read (PNG, BMP, TIFF, lossless WebP)")
    }
    return .yes([])
  }

  /// The folders of images that have masks.
  private static func places(in tree: DataTree, images: String, masks: String) -> [ImagePlace] {
    let named = tree.places(
      images: images.isEmpty ? imageFolders : [images],
      labels: (masks.isEmpty ? maskFolders : [masks]).filter {
        !masks.isEmpty || tree.holdsMasks($0)
      })
    if !images.isEmpty || !masks.isEmpty { return named }
    if named.contains(where: { $0.labels != nil }) { return named }
    let others = parallel(in: tree)
    return others.isEmpty ? PairingScheme.mixed(in: tree) : others
  }

  /// `train/` with `train_labels/` or `trainannot/`, `train_images/` with `train_masks/`, ….
  private static func parallel(in tree: DataTree) -> [ImagePlace] {
    let (images, masks) = parallelFolders(in: tree)
    guard !masks.isEmpty else { return [] }
    return Split.allCases.compactMap { split in
      images[split].map { ImagePlace(images: $0, labels: masks[split], split: split) }
    }
  }

  private static func parallelFolders(
    in tree: DataTree
  ) -> (images: [Split: String], masks: [Split: String]) {
    let words = ["label", "mask", "annot", "gt", "seg", "lbl"]
    var (images, masks) = ([Split: String](), [Split: String]())
    for folder in tree.folders(in: "") {
      let name = folder.lowercased()
      guard tree.hasImages(directlyIn: folder) else { continue }
      if let word = words.first(where: name.contains) {
        // `trainannot` is one word: what precedes the word for labels counts too.
        let start = String(name[..<name.range(of: word)!.lowerBound])
        if let split = Split(named: name) ?? Split(named: start) { masks[split] = folder }
      } else if let split = Split(named: name) {
        images[split] = folder
      }
    }
    return (images, masks)
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    var places = Self.places(in: tree, images: options.images, masks: options.masks)
    if places.isEmpty, !options.moreMasks.isEmpty || !options.maps.isEmpty {
      // Masks of the usual name are not required.
      places = tree.places(images: Self.imageFolders, labels: [])
    }
    guard !places.isEmpty else {
      throw ContentError(
        path: tree.path(options.images.isEmpty ? "images" : options.images), expected: "images",
        received: "no such folder")
    }
    var scheme = PairingScheme(
      maskPrefix: options.maskPrefix, maskSuffix: options.maskSuffix)
    if scheme == PairingScheme() { scheme = PairingScheme(tree, places) }
    let further = furtherFolders(tree, places)
    let found = try tree.images(
      in: places, kinds: Self.maskKinds, prefix: scheme.maskPrefix, suffix: scheme.maskSuffix,
      imagePrefix: scheme.imagePrefix, imageSuffix: scheme.imageSuffix, warnings
    ).filter { image in !further.contains { image.path.hasPrefix($0 + "/") } }
    guard !found.isEmpty else { throw noImages(in: tree, places[0].images) }
    if places == Self.parallel(in: tree) {
      let (images, masks) = Self.parallelFolders(in: tree)
      for (split, folder) in masks where images[split] == nil {
        for path in tree.files(in: folder, kinds: Set(Self.maskKinds)) {
          warnings.note("label of no image left out", in: path)
        }
      }
    }
    var items = found.map {
      Survey.Item(name: $0.name, image: tree.path($0.path), split: $0.split)
    }
    let lists = SplitLists(in: tree, Set(places.flatMap { [$0.images, $0.labels ?? ""] }).sorted())
    if !items.contains(where: { $0.split != nil }) { items = try lists.divide(items, warnings) }
    let byImage = Dictionary(uniqueKeysWithValues: found.map { (tree.path($0.path), $0) })
    let kept = items.map { byImage[$0.image]! }
    let masks = kept.map { $0.label.map(tree.path) }
    let maskFolders = Self.namingFolders(places)
    if !options.object.isEmpty {
      let survey = Survey.numbered(
        items, masks: masks, object: options.object, ignore: options.ignore, folder: tree.root,
        warnings
      ).adding(dense(tree, places, kept), warnings)
      return try adding(to: survey, tree, places, kept, warnings)
    }
    var naming = MaskNaming(
      paths: [], folder: tree.root, labelMap: try LabelMap(in: tree, maskFolders),
      indexNames: try .find(in: tree, maskFolders), wanted: options.classes,
      values: options.values, ignore: options.ignore, divisor: options.divisor)
    let isCamVid = CamVidLayout.bearNames(items)
    if isCamVid { try naming.takeCamVid(masks.compactMap { $0 }) }
    var survey = try Survey.masked(items, masks: masks, naming: naming, warnings)
    if isCamVid, naming.labelMap == nil { survey.classes.colors = CamVidLayout.standardColors }
    survey = survey.adding(dense(tree, places, kept), warnings)
    return try adding(to: survey, tree, places, kept, warnings)
  }

  /// The folders where the masks' values may be named: at the top, with the masks, or above them.
  private static func namingFolders(_ places: [ImagePlace]) -> [String] {
    let labels = places.compactMap(\.labels)
    let above =
      labels.map { FileName.parent(of: $0) } + places.map { FileName.parent(of: $0.images) }
    return [""] + Set(labels + above).subtracting([""]).sorted()
  }

  /// The files of depth and normals that have the images' names.
  private func dense(
    _ tree: DataTree, _ places: [ImagePlace], _ images: [FoundImage]
  ) -> DenseLabels {
    func paths(_ option: String, _ names: [String]) -> [String?] {
      let imageNames = options.images.isEmpty ? Self.imageFolders : [options.images]
      var stems: [String: [String: String]] = [:]
      let labelled = tree.places(images: imageNames, labels: option.isEmpty ? names : [option])
      for place in labelled where stems[place.images] == nil {
        stems[place.images] = place.labels.map { tree.stems(in: $0, kinds: DenseLabels.kinds) }
      }
      return images.map { image in
        let place = labelled.first {
          stems[$0.images] != nil && image.path.hasPrefix($0.images + "/")
        }
        return place.flatMap { stems[$0.images]?[image.name] }.map(tree.path)
      }
    }
    return DenseLabels(
      depth: paths(options.depth, DenseLabels.depthFolders),
      normals: paths(options.normals, DenseLabels.normalFolders),
      depthScale: options.depthScale)
  }
}

extension DataTree {
  /// Whether there are masks in a folder, or in such a folder of a split.
  fileprivate func holdsMasks(_ name: String) -> Bool {
    if let folder = folder([name]) {
      return !files(in: folder, kinds: Set(FolderLayout.maskKinds)).isEmpty
    }
    return folders(in: "").contains { part in
      Split.isName(FileName.last(of: part))
        && folder(["\(part)/\(name)"]).map {
          !files(in: $0, kinds: Set(FolderLayout.maskKinds)).isEmpty
        } == true
    }
  }
}

extension Survey {
  /// The survey of masks that number the objects of one class: 0 is background, each other value an
  /// object, 255 and the values in `ignore` are ignored. It has a mask of the class and a box per
  /// object.
  static func numbered(
    _ items: [Item], masks: [String?], object: String, ignore: [Int], folder: String,
    _ warnings: WarningLog
  ) -> Survey {
    Survey(items, FoundClasses(masks: ["background", object], boxes: [object], file: folder)) {
      table in
      { item, _ in
        guard let path = masks[item] else {
          warnings.note("image without a mask", in: items[item].image)
          return Labels(file: items[item].image)
        }
        let (width, height, values) = try NumberedObjects.read(path)
        // 255 is the border of objects, unless there are that many.
        let border = values.contains(254) ? 0 : 255
        let objects = try NumberedObjects.regions(of: values, width: width, in: path) {
          $0 != 0 && $0 != border && !ignore.contains($0)
        }
        var labels = Labels(
          of: objects.map { $0.drawn(object) }, width: width, height: height, table, paints: true,
          file: path)
        for (pixel, value) in values.enumerated() where value != 0 {
          if value == border || ignore.contains(Int(value)) { labels.mask?.pixels[pixel] = 255 }
        }
        labels.maskFile = path
        return labels
      }
    }
  }
}
