import AthanorCore
import AthanorVision

/// Pascal VOC's layout: `JPEGImages/`, `Annotations/` (boxes), `SegmentationClass/` (masks),
/// `ImageSets/Main` and `ImageSets/Segmentation` (lists of the splits).
///
/// A sample without an annotation file carries no boxes, one without a mask file no mask. A split is
/// the union of both lists less what the lists of later splits hold, so nothing leaks; without any
/// list it is a seeded share. Masks are palette or gray PNGs of indices, or colour-coded through
/// `labelmap.txt`. Objects marked `difficult` are no training targets and are left out.
public struct VOCSource: Registered, DataSource {
  public static let name = "voc"
  public static let summary = "Pascal VOC folders: masks, boxes or both"
  public static let source = "Everingham et al. 2010, the PASCAL VOC devkit"

  public struct Options: Codable, Sendable, DefaultInitializable {
    public var path = ""
    /// The object classes, without background. Empty: those of `labelmap.txt`, VOC's twenty, or
    /// every name in the annotations, sorted.
    public var classes: [String] = []
    /// Keeps boxes marked difficult.
    public var difficult = false
    /// Mask values that become 255.
    public var ignore: [Int] = []
    /// Shares of val and test where `ImageSets/` is absent, and the seed of the shuffle.
    public var val = 0.2
    public var test = 0.0
    public var seed = 0

    public init() {}
  }

  static let vocClasses = [
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train",
    "tvmonitor",
  ]

  let options: Options

  public init(_ options: Options) { self.options = options }

  public var folders: [String]? { [options.path] }

  public func splits() throws -> [Split] {
    let folder = try DataFolder(options.path)
    let listed = Split.allCases.filter { !Self.lists(of: $0, in: folder).isEmpty }
    return listed.isEmpty ? Split.allCases : listed
  }

  private static func lists(of split: Split, in folder: DataFolder) -> [String] {
    ["ImageSets/Main/\(split).txt", "ImageSets/Segmentation/\(split).txt"].filter(folder.hasFile)
  }

  public func open(_ split: Split) throws -> any Dataset {
    let folder = try DataFolder(options.path)
    let images = try folder.images(in: "JPEGImages")
    guard !images.isEmpty else {
      throw DatasetError(
        path: folder.path("JPEGImages"), expected: "images", received: "an empty folder")
    }
    let warnings = WarningLog()
    let hasMasks = folder.hasFolder("SegmentationClass")
    let annotations = try annotations(folder, images)
    let labelMap = try labelMap(folder)
    let found = try classes(folder, annotations, labelMap, hasMasks: hasMasks)
    let labels = Dictionary(uniqueKeysWithValues: found.detection.enumerated().map { ($1, $0) })
    for (stem, annotation) in annotations {
      for object in annotation.objects where labels[object.name] == nil {
        throw DatasetError.unknownClass(
          object.name, in: folder.path("Annotations/\(stem).xml"), known: found.detection)
      }
    }
    let list = try list(split, folder, images)
    let options = options
    return ListedDataset(found, list, warnings) { index in
      let stem = list[index]
      let path = images[stem]!
      let file = "\(stem).xml"
      var sample = Sample(name: stem, image: try Image(contentsOf: path, as: .color))
      let maskPath = folder.path("SegmentationClass/\(stem).png")
      if DataFolder.isFile(maskPath) {
        sample.mask = try MaskFile.read(maskPath, labelMap: labelMap, ignore: options.ignore)
      }
      if let annotation = annotations[stem] {
        let kept = annotation.objects.filter { options.difficult || !$0.difficult }
        warnings.note(
          "difficult box left out", in: file, count: annotation.objects.count - kept.count)
        sample.boxes = kept.map {
          BoundingBox(
            x1: $0.corners.0, y1: $0.corners.1, x2: $0.corners.2, y2: $0.corners.3,
            label: labels[$0.name]!)
        }
      }
      if sample.mask == nil, sample.boxes == nil { warnings.note("image without labels", in: stem) }
      // The mask is what a size or a value can be wrong of; boxes are named by their XML.
      let boxes = sample.boxes
      sample.boxes = nil
      sample = try sample.checked(found, file: maskPath, warnings)
      sample.boxes = boxes
      return try sample.checked(found, file: file, warnings)
    }
  }

  private func annotations(
    _ folder: DataFolder, _ images: [String: String]
  ) throws -> [String: VOCAnnotation] {
    guard folder.hasFolder("Annotations") else { return [:] }
    var found: [String: VOCAnnotation] = [:]
    for file in try folder.list("Annotations") {
      let (stem, kind) = DataFolder.parts(of: file)
      guard kind == "xml", images[stem] != nil else { continue }
      found[stem] = try VOCAnnotation(contentsOf: folder.path("Annotations/\(file)"))
    }
    return found
  }

  private func labelMap(_ folder: DataFolder) throws -> LabelMap? {
    guard folder.hasFile("labelmap.txt") else { return nil }
    return try LabelMap(contentsOf: folder.path("labelmap.txt"))
  }

  private func classes(
    _ folder: DataFolder, _ annotations: [String: VOCAnnotation], _ labelMap: LabelMap?,
    hasMasks: Bool
  ) throws -> DataClasses {
    let named = Set(annotations.values.flatMap { $0.objects.map(\.name) }).sorted()
    var objects = options.classes
    if objects.isEmpty, let labelMap { objects = Array(labelMap.names.dropFirst()) }
    if objects.isEmpty {
      objects = hasMasks && named.allSatisfy(Self.vocClasses.contains) ? Self.vocClasses : named
    }
    return DataClasses(
      segmentation: hasMasks ? [labelMap?.names.first ?? "background"] + objects : [],
      detection: annotations.isEmpty ? [] : objects,
      palette: labelMap.flatMap { $0.names.count == objects.count + 1 ? $0.colors : nil })
  }

  private func list(
    _ split: Split, _ folder: DataFolder, _ images: [String: String]
  ) throws -> [String] {
    func stems(_ split: Split) throws -> [String]? {
      let files = Self.lists(of: split, in: folder)
      guard !files.isEmpty else { return nil }
      var seen = Set<String>()
      var stems: [String] = []
      for file in files {
        for line in try DataFolder.lines(of: folder.path(file)) {
          let stem = line.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? line
          guard images[stem] != nil else {
            throw DatasetError(
              path: folder.path(file), expected: "names of images in JPEGImages",
              received: "'\(stem)', which has no image there",
              suggestion: nearestName(to: stem, among: images.keys.sorted()))
          }
          if seen.insert(stem).inserted { stems.append(stem) }
        }
      }
      return stems
    }
    let lists = try Split.allCases.map { ($0, try stems($0)) }
    guard lists.contains(where: { $0.1 != nil }) else {
      let all = images.keys.sorted()
      let shares = SplitFractions(val: options.val, test: options.test, seed: options.seed)
      return shares.indices(of: split, count: all.count).map { all[$0] }
    }
    guard let own = lists.first(where: { $0.0 == split })?.1 else {
      throw DatasetError(
        path: folder.path("ImageSets/Main/\(split).txt"), expected: "the list of the split",
        received: "no such file")
    }
    let later = lists.drop { $0.0 != split }.dropFirst().compactMap { $0.1 }
    let taken = Set(later.joined())
    return own.filter { !taken.contains($0) }
  }
}
