import AthanorCore
import AthanorVision

/// The classes that a layout found, by name, before an option selects among them.
struct FoundClasses: Sendable, Equatable {
  /// The classes of masks, in the order of the source; empty where no sample has a mask. The
  /// background, if there is one, may have any position.
  var masks: [String] = []
  /// The classes of boxes, in the order of the source; empty where no sample has boxes.
  var boxes: [String] = []
  /// The classes of images, in the order of the source; empty where no image has one.
  var categories: [String] = []
  /// Which labels of numbers there are: `depth`, `normals`.
  var numbers: [Label.Kind] = []
  /// Labels beside the usual ones, by name.
  var further: [String: LabelClasses] = [:]
  /// RGB by name, where the source has colours.
  var colors: [String: [UInt8]] = [:]
  /// The category ids of COCO by name, where the source has them.
  var ids: [String: COCOIdentifier] = [:]
  /// A file that contains each class, by the name's key, where the source has no list of classes.
  var examples: [String: String] = [:]
  /// The source of the names, for messages: a file, or the data set's folder.
  var file: String
}

/// The one class table of a data source: names to mask indices and box labels.
///
/// Readers provide names; the positions of names in files have no meaning. The order is that of the
/// option `classes`, or else of the source; the background is mask index 0.
struct ClassTable: Sendable {
  let classes: DataClasses
  private let maskIndices: [String: UInt8]
  private let boxLabels: [String: Int]
  private let categoryIndices: [String: Int]
  /// The mask index of pixels whose class is not in the option `classes`: background, or 255
  /// without one.
  let leftOut: UInt8

  /// - Parameters:
  ///   - wanted: The option `classes`; empty for all.
  ///   - warnings: Gets a warning for a wanted class that the source does not have.
  ///
  /// Errors: throws `ContentError` for a name twice, a wanted name that looks like a mistyped one,
  /// and more than 254 mask classes.
  init(_ found: FoundClasses, wanted: [String], _ warnings: WarningLog) throws {
    let masks = try found.masks.checkedClassNames(in: found.file, key: "the classes of masks")
      .filter { !ClassName.isVoid($0) }
    let boxes = try found.boxes.checkedClassNames(in: found.file, key: "the classes of boxes")
      .filter { !ClassName.isBackground($0) && !ClassName.isVoid($0) }
    var categories = try found.categories.checkedClassNames(
      in: found.file, key: "the classes of images")
    let background = masks.first(where: ClassName.isBackground)
    var (maskNames, boxNames) = (masks.filter { !ClassName.isBackground($0) }, boxes)
    if !wanted.isEmpty {
      let wanted = try wanted.checkedClassNames(in: "classes", key: "the option 'classes'")
      let chosen = wanted.filter { !ClassName.isBackground($0) && !ClassName.isVoid($0) }
      let objects = maskNames + boxNames.filter { !maskNames.contains($0) }
      let known = objects + categories.filter { !objects.contains($0) }
      // The class of an image can be 'background'.
      if !categories.isEmpty { categories = wanted }
      let unused = known.filter { !chosen.contains($0) }
      for name in chosen where !known.contains(name) {
        if let meant = nearestName(to: name, among: unused) {
          let file = found.examples[ClassName.key(meant)] ?? found.file
          var error = ContentError.unknownClass(name, in: file, known: known)
          error.suggestion = meant
          throw error
        }
        warnings.note("class of 'classes' that nothing is labelled with: \(name)", in: found.file)
      }
      // A wanted class that the source does not have is a class where the source has labels of the
      // kind.
      let isMaskClass = { (name: String) in maskNames.contains(name) || !boxNames.contains(name) }
      let isBoxClass = { (name: String) in boxNames.contains(name) || !maskNames.contains(name) }
      (maskNames, boxNames) = (
        masks.isEmpty ? [] : chosen.filter(isMaskClass),
        boxes.isEmpty ? [] : chosen.filter(isBoxClass)
      )
    }
    let masked = (background.map { [$0] } ?? []) + maskNames
    guard masked.count < 255 else {
      throw ContentError(
        path: found.file, expected: "at most 254 classes of masks, background included",
        received: "\(masked.count)")
    }
    leftOut = background == nil ? 255 : 0
    maskIndices = Dictionary(
      masked.enumerated().map { (ClassName.key($1), UInt8($0)) },
      uniquingKeysWith: { first, _ in first })
    boxLabels = Dictionary(
      boxNames.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    categoryIndices = Dictionary(
      categories.enumerated().map { (ClassName.key($1), $0) },
      uniquingKeysWith: { first, _ in first })
    var classes = DataClasses(
      masks: masked, boxes: boxNames, palette: Self.palette(masked, boxNames, found.colors),
      categoryIDs: Self.categoryIDs(boxNames, found.ids), numbers: found.numbers)
    if !categories.isEmpty { classes[.category] = LabelClasses(.category, categories) }
    classes.labels.merge(found.further) { usual, _ in usual }
    self.classes = classes
  }

  /// The mask value of a class: its index, `leftOut` for one that is not wanted, 255 for void.
  func maskValue(of name: String) -> UInt8 {
    let key = ClassName.key(name)
    if let index = maskIndices[key] { return index }
    return ClassName.isVoid(key) ? 255 : leftOut
  }

  /// The label of a box class; nil for one that is not wanted.
  func boxLabel(of name: String) -> Int? { boxLabels[ClassName.key(name)] }

  /// The index of the class of an image; nil for one that is not wanted.
  func category(of name: String) -> Int? { categoryIndices[ClassName.key(name)] }

  /// The source's own colours where every class has one and no two share it.
  private static func palette(
    _ masks: [String], _ boxes: [String], _ colors: [String: [UInt8]]
  ) -> [UInt8]? {
    let names = masks.isEmpty ? ["background"] + boxes : masks
    let own = names.compactMap { colors[ClassName.key($0)] }
    guard own.count == names.count, Set(own).count == own.count, !colors.isEmpty else { return nil }
    return own.flatMap(\.self)
  }

  private static func categoryIDs(
    _ boxes: [String], _ ids: [String: COCOIdentifier]
  ) -> [COCOIdentifier]? {
    let own = boxes.compactMap { ids[ClassName.key($0)] }
    return own.count == boxes.count && Set(own).count == own.count && !ids.isEmpty ? own : nil
  }
}
