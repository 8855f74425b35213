import AthanorCore

/// The ground truth of a COCO annotation file, for `COCOEvaluator`.
public struct COCODataset: Sendable {
  /// What to do with an annotation of an image or a category that the file does not list, and with
  /// a result of such a category. A result of an unlisted image is always refused.
  public enum Unknown: Sendable {
    /// Throw `JSONError`: the usual cause are ids counted from another start.
    case refuse
    /// Leave it out, as pycocotools does.
    case skip
  }

  public let file: COCOFile
  /// By id: the index in this array is the class index of `COCOTruth` and `COCODetection`. For a
  /// panoptic file only things: stuff has no boxes.
  public let categories: [COCOFile.Category]
  /// By id.
  public let images: [COCOIdentifier]
  /// By image, then in the order of the file.
  let objects: COCOObjects<COCOTruth>
  /// Annotations left out under `Unknown.skip`.
  public let skipped: Int
  private let categoryIndex: [COCOIdentifier: Int]
  private let imageIndex: [COCOIdentifier: Int]

  /// Reads an annotation file.
  ///
  /// Errors: as `COCOFile`, and `JSONError` for an annotation without an id of its own.
  public init(contentsOf path: String, unknown: Unknown = .refuse) throws {
    try self.init(COCOFile(contentsOf: path), unknown: unknown)
  }

  public init(_ file: COCOFile, unknown: Unknown = .refuse) throws {
    self.file = file
    let categoryOrder = file.categories.indices
      .filter { !file.isPanoptic || file.categories[$0].isThing ?? true }
      .sorted { file.categories[$0].id < file.categories[$1].id }
    let imageOrder = file.images.indices.sorted { file.images[$0].id < file.images[$1].id }
    categories = categoryOrder.map { file.categories[$0] }
    images = imageOrder.map { file.images[$0].id }
    guard !categories.isEmpty else {
      throw JSONCursor(file.text).error(
        expected: "at least one category", received: "none", key: "categories")
    }
    categoryIndex = Dictionary(uniqueKeysWithValues: categories.enumerated().map { ($1.id, $0) })
    imageIndex = Dictionary(uniqueKeysWithValues: images.enumerated().map { ($1, $0) })
    if !file.isPanoptic { try Self.checkIdentifiers(file) }
    if unknown == .refuse { try Self.refuseUnknown(file, categories) }

    var classes = [Int?](repeating: nil, count: file.categories.count)
    for (index, category) in categoryOrder.enumerated() { classes[category] = index }
    var objects = COCOObjects<COCOTruth>()
    objects.reserve(file.annotations.count)
    for image in imageOrder {
      for index in file.annotations(ofImage: image) {
        let annotation = file.annotations[Int(index)]
        guard annotation.category >= 0, let category = classes[annotation.category] else {
          continue
        }
        guard annotation.hasBox else {
          throw JSONCursor(file.text).error(
            expected: "a bbox in every segment", received: "one without",
            key: "annotations of image \(file.images[image].id)")
        }
        var truth = COCOTruth(
          x: annotation.x, y: annotation.y, width: annotation.width, height: annotation.height,
          category: category, area: annotation.area,
          isCrowd: annotation.isCrowd)
        truth.matchCounts = !(file.id(ofAnnotation: Int(index)) == .number(0))
        objects.append(truth)
      }
      objects.endImage()
    }
    self.objects = objects
    skipped = file.annotations.count { $0.image < 0 || $0.category < 0 }
  }

  /// By image, in the order of the file.
  public var truths: [[COCOTruth]] { objects.byImage }

  private static func checkIdentifiers(_ file: COCOFile) throws {
    guard let index = file.firstWithoutOwnID() else { return }
    let id = file.id(ofAnnotation: index)
    throw file.error(
      ofAnnotation: index, key: "id",
      expected: id == nil ? "a whole number or text" : "an id used once",
      received: id.map { "\($0) again" } ?? "nothing")
  }

  private static func refuseUnknown(
    _ file: COCOFile, _ categories: [COCOFile.Category]
  ) throws {
    if let unknown = file.unknownImages {
      throw file.error(
        ofAnnotation: unknown.first, key: "image_id", expected: "an id in 'images'",
        received: "\(unknown.id)")
    }
    if let unknown = file.unknownCategories {
      throw file.error(
        ofAnnotation: unknown.first, key: "category_id", expected: known(categories),
        received: "\(unknown.id)")
    }
  }

  private static func known(_ categories: [COCOFile.Category]) -> String {
    let known = categories.prefix(8).map { "\($0.id)" }.joined(separator: ", ")
    return "a category of the truth (\(known)\(categories.count > 8 ? ", …" : ""))"
  }
}

extension COCODataset {
  /// Detections of a COCO results file.
  public struct Detections: Sendable {
    let objects: COCOObjects<COCODetection>
    /// Results left out under `Unknown.skip`.
    public let skipped: Int

    /// By image, in the order of the file.
    public var byImage: [[COCODetection]] { objects.byImage }
  }

  /// Reads the detections of a COCO results file.
  ///
  /// Errors: as `COCOResults`, and `JSONError` for an image that is not in this data set.
  public func detections(
    contentsOf path: String, unknown: Unknown = .refuse
  ) throws -> Detections {
    try detections(COCOResults(contentsOf: path), unknown: unknown)
  }

  /// The detections of results, whose images are named by id, or by file name or its stem.
  public func detections(
    _ results: COCOResults, unknown: Unknown = .refuse
  ) throws -> Detections {
    let names = FileNames(self, needed: results.imageIDs.contains { imageIndex[$0] == nil })
    let imageOf = results.imageIDs.map { imageIndex[$0] ?? names.image($0) ?? -1 }
    let categoryOf = results.categoryIDs.map { categoryIndex[$0] ?? -1 }
    if imageOf.contains(-1) {
      let index = results.detections.firstIndex { imageOf[Int($0.image)] < 0 }!
      throw results.error(
        ofDetection: index, key: "image_id", expected: "an image of the truth",
        received: "\(results.imageIDs[Int(results.detections[index].image)])")
    }
    if unknown == .refuse, categoryOf.contains(-1) {
      let index = results.detections.firstIndex { categoryOf[Int($0.category)] < 0 }!
      throw results.error(
        ofDetection: index, key: "category_id", expected: Self.known(categories),
        received: "\(results.categoryIDs[Int(results.detections[index].category)])")
    }
    let objects = COCOObjects(
      results.detections, images: images.count, image: { imageOf[Int($0.image)] }
    ) { detection -> COCODetection? in
      let category = categoryOf[Int(detection.category)]
      return category < 0
        ? nil
        : COCODetection(
          x: detection.x, y: detection.y, width: detection.width, height: detection.height,
          category: category, score: detection.score)
    }
    return Detections(
      objects: objects, skipped: results.detections.count - objects.items.count)
  }

  /// COCO's metrics for a results file against an annotation file.
  ///
  /// Errors: as the two readers.
  public static func evaluate(
    truth: String, results: String, unknown: Unknown = .refuse
  ) throws -> (dataset: COCODataset, evaluation: COCOEvaluation) {
    let files = try read(truth: truth, results: results, unknown: unknown)
    return (files.dataset, try files.dataset.evaluate(files.results, unknown: unknown))
  }

  /// Reads an annotation file and a results file, each on its own thread.
  public static func read(
    truth: String, results: String, unknown: Unknown = .refuse
  ) throws -> (dataset: COCODataset, results: COCOResults) {
    enum File {
      case truth(Result<COCODataset, any Error>)
      case results(Result<COCOResults, any Error>)
    }
    let files = parallelMap(2) { i -> File in
      i == 0
        ? .truth(Result { try COCODataset(contentsOf: truth, unknown: unknown) })
        : .results(Result { try COCOResults(contentsOf: results) })
    }
    guard case .truth(let dataset) = files[0], case .results(let found) = files[1] else {
      preconditionFailure("COCODataset.read: files out of order")
    }
    return (try dataset.get(), try found.get())
  }

  /// COCO's metrics for the detections of a results file.
  ///
  /// Errors: as `detections`.
  public func evaluate(
    _ results: COCOResults, unknown: Unknown = .refuse
  ) throws -> COCOEvaluation {
    let detections = try detections(results, unknown: unknown)
    return COCOEvaluator(
      classes: categories.count, truths: objects, detections: detections.objects
    ).evaluate()
  }

  /// Images by file name and by stem; names that two images have are left out.
  private struct FileNames {
    private var images: [String: Int] = [:]
    private var stems: [String: Int] = [:]

    init(_ dataset: COCODataset, needed: Bool) {
      guard needed else { return }
      for image in dataset.file.images {
        guard let name = image.fileName, let index = dataset.imageIndex[image.id] else { continue }
        images[name] = index
        let last = name.lastIndex(of: "/").map { name[name.index(after: $0)...] } ?? name[...]
        let stem = String(last.lastIndex(of: ".").map { last[..<$0] } ?? last)
        for part in Set([String(last), stem]) where part != name {
          stems[part] = stems[part] == nil ? index : -1
        }
      }
    }

    func image(_ id: COCOIdentifier) -> Int? {
      guard case .text(let text) = id else { return nil }
      return images[text] ?? stems[text]
    }
  }
}
