import AthanorCore
import AthanorVision

extension Survey {
  /// The survey with a further mask: all its classes, in their own order.
  ///
  /// - Parameter masks: the mask file of each item; nil where it has none.
  func adding(
    _ name: String, masks: [String?], _ coding: MaskCoding, _ found: FoundClasses,
    _ warnings: WarningLog
  ) throws -> Survey {
    let own = try ClassTable(found, wanted: [], warnings)
    let further = MaskReader(coding, own)
    var survey = self
    survey.classes.further[name] = own.classes[.mask]
    let reader = survey.reader
    survey.reader = { table in
      let read = try reader(table)
      return { item, image in
        var labels = try read(item, image)
        if let path = masks[item] { labels.further[name] = .mask(try further.read(path)) }
        return labels
      }
    }
    return survey
  }

  /// The boxes of items whose masks are files.
  struct Boxes: Sendable {
    var names: [String]
    /// A file that contains each class, by the name's key.
    var examples: [String: String] = [:]
    /// The file of an item's boxes, for messages.
    var file: @Sendable (Int) -> String
    /// The objects of an item; nil where it is not labelled.
    var objects: @Sendable (Int, Image) throws -> [DrawnObject]?
  }

  /// The survey of images whose masks are files. The names of their values are detected; boxes, if
  /// there are any, share the class table by name.
  ///
  /// - Parameters:
  ///   - masks: the mask file of each item; nil where it has none.
  ///   - naming: How to detect the names; its paths are set here.
  ///   - boxes: the boxes of the items; nil where none has boxes.
  static func masked(
    _ items: [Item], masks: [String?], naming: MaskNaming,
    boxes: Boxes? = nil, _ warnings: WarningLog
  ) throws -> Survey {
    var naming = naming
    naming.paths = masks.compactMap { $0 }
    naming.boxNames = boxes?.names ?? []
    naming.boxesInUse = Set((boxes?.examples ?? [:]).keys)
    var found = FoundClasses(file: naming.folder)
    var coding: MaskCoding?
    if !naming.paths.isEmpty {
      let (values, names) = try naming.coding(warnings)
      (coding, found.masks, found.file) = (values, names, values.file)
    }
    if let labelMap = naming.labelMap { found.colors = labelMap.colorsByClass }
    if let boxes { (found.boxes, found.examples) = (boxes.names, boxes.examples) }
    return .masked(items, masks: masks, coding, found, boxes: boxes, warnings)
  }

  /// The survey of images whose masks are files of known values.
  ///
  /// - Parameters:
  ///   - masks: the mask file of each item; nil where it has none.
  ///   - coding: The names of the values; nil where there is no mask.
  ///   - boxes: the boxes of the items; nil where none has boxes.
  static func masked(
    _ items: [Item], masks: [String?], _ coding: MaskCoding?, _ found: FoundClasses,
    boxes: Boxes? = nil, _ warnings: WarningLog
  ) -> Survey {
    Survey(items, found) { table in
      let reader = coding.map { MaskReader($0, table) }
      return { item, image in
        var labels = Labels(file: items[item].image)
        if let boxes, let objects = try boxes.objects(item, image) {
          labels = Labels(
            of: objects, width: image.width, height: image.height, table, paints: false,
            file: boxes.file(item))
        }
        if let mask = masks[item], let reader {
          labels.mask = try reader.read(mask)
          labels.maskFile = mask
        }
        return labels
      }
    }
  }
}
