import AthanorCore

/// The truth of a COCO annotation file, ready for `COCOEvaluator`.
public struct COCODataset: Sendable {
  public struct Category: Equatable, Sendable {
    public var id: COCOIdentifier
    public var name: String
  }

  /// What to do with an annotation of an image or a category that the file does not list, and with a
  /// result of such a category. A result of an unlisted image is always refused.
  public enum Unknown: Sendable {
    /// Throw `COCOFileError`: ids counted from another start are the usual cause.
    case refuse
    /// Leave it out, as pycocotools does.
    case skip
  }

  /// By id: the place here is the class index of `COCOTruth` and `COCODetection`.
  public let categories: [Category]
  /// By id.
  public let images: [COCOIdentifier]
  /// By image, in the order of the file.
  public let truths: [[COCOTruth]]
  /// Annotations left out under `Unknown.skip`.
  public let skipped: Int
  private let categoryIndex: [COCOIdentifier: Int]
  private let imageIndex: [COCOIdentifier: Int]

  /// Reads an annotation file.
  ///
  /// Needs `images[].id`, `categories[].id`, and of `annotations[]` `id`, `image_id`, `category_id`,
  /// `bbox` (x, y, width, height) and `area`; `iscrowd` is 0 where it is missing, other keys are not
  /// read.
  ///
  /// Errors: throws `FileError` when the file cannot be read, `COCOFileError` naming the key when it
  /// is not such a file.
  public init(contentsOf path: String, unknown: Unknown = .refuse) throws {
    let file = try COCOFileError.decoding(TruthFile.self, from: path)
    var names: [COCOIdentifier: String] = [:]
    for category in file.categories {
      names[category.id] = category.name ?? "\(category.id)"
    }
    categories = names.sorted { $0.key < $1.key }.map { Category(id: $0.key, name: $0.value) }
    guard !categories.isEmpty else {
      throw COCOFileError(
        path: path, key: "categories", expected: "at least one category", received: "none")
    }
    images = Set(file.images.map(\.id)).sorted()
    categoryIndex = Dictionary(
      uniqueKeysWithValues: categories.enumerated().map { ($1.id, $0) })
    imageIndex = Dictionary(uniqueKeysWithValues: images.enumerated().map { ($1, $0) })

    var truths = [[COCOTruth]](repeating: [], count: images.count)
    var seen: Set<COCOIdentifier> = []
    var skipped = 0
    for (i, annotation) in file.annotations.enumerated() {
      let key = "annotations[\(i)]"
      guard seen.insert(annotation.id).inserted else {
        throw COCOFileError(
          path: path, key: "\(key).id", expected: "an id used once",
          received: "\(annotation.id) again")
      }
      let box = try annotation.bbox.checked(at: "\(key).bbox", in: path)
      let image = imageIndex[annotation.image_id]
      let category = categoryIndex[annotation.category_id]
      guard let image, let category else {
        if unknown == .skip {
          skipped += 1
          continue
        }
        throw image == nil
          ? COCOFileError(
            path: path, key: "\(key).image_id", expected: "an id in 'images'",
            received: "\(annotation.image_id)")
          : Self.unknownCategory(annotation.category_id, at: key, in: path, categories)
      }
      var truth = COCOTruth(
        x: box[0], y: box[1], width: box[2], height: box[3], category: category,
        area: annotation.area, isCrowd: annotation.iscrowd?.isSet ?? false)
      truth.matchCounts = annotation.id != .number(0)
      truths[image].append(truth)
    }
    self.truths = truths
    self.skipped = skipped
  }

  /// Detections of a COCO results file, by image in the order of the file, and how many were left
  /// out under `Unknown.skip`.
  ///
  /// The file is an array of `image_id`, `category_id`, `bbox` (x, y, width, height) and `score`.
  ///
  /// Errors: throws `FileError` when the file cannot be read, `COCOFileError` naming the key when it
  /// is not such a file, and for an image that is not in this data set.
  public func detections(
    contentsOf path: String, unknown: Unknown = .refuse
  ) throws -> (byImage: [[COCODetection]], skipped: Int) {
    let results = try COCOFileError.decoding([ResultEntry].self, from: path)
    var byImage = [[COCODetection]](repeating: [], count: images.count)
    var skipped = 0
    for (i, result) in results.enumerated() {
      let box = try result.bbox.checked(at: "[\(i)].bbox", in: path)
      guard let image = imageIndex[result.image_id] else {
        throw COCOFileError(
          path: path, key: "[\(i)].image_id", expected: "an image of the truth",
          received: "\(result.image_id)")
      }
      guard let category = categoryIndex[result.category_id] else {
        if unknown == .skip {
          skipped += 1
          continue
        }
        throw Self.unknownCategory(result.category_id, at: "[\(i)]", in: path, categories)
      }
      byImage[image].append(
        COCODetection(
          x: box[0], y: box[1], width: box[2], height: box[3], category: category,
          score: result.score))
    }
    return (byImage, skipped)
  }

  /// COCO's metrics for a results file against an annotation file.
  ///
  /// Errors: as the two readers.
  public static func evaluate(
    truth: String, results: String, unknown: Unknown = .refuse
  ) throws -> (dataset: COCODataset, evaluation: COCOEvaluation) {
    let dataset = try COCODataset(contentsOf: truth, unknown: unknown)
    let detections = try dataset.detections(contentsOf: results, unknown: unknown).byImage
    var evaluator = COCOEvaluator(classes: dataset.categories.count)
    for (truths, detections) in zip(dataset.truths, detections) {
      evaluator.add(truths: truths, detections: detections)
    }
    return (dataset, evaluator.evaluate())
  }

  private static func unknownCategory(
    _ id: COCOIdentifier, at key: String, in path: String, _ categories: [Category]
  ) -> COCOFileError {
    let known = categories.prefix(8).map { "\($0.id)" }.joined(separator: ", ")
    return COCOFileError(
      path: path, key: "\(key).category_id",
      expected: "a category of the truth (\(known)\(categories.count > 8 ? ", …" : ""))",
      received: "\(id)")
  }
}
