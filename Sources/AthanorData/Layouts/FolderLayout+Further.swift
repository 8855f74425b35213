import AthanorCore
import AthanorVision

/// The labels beside the usual ones: `more_masks` and `maps`.
extension FolderLayout {
  /// A name of a label chosen by the user.
  ///
  /// Errors: throws `SettingsError` for the name of a usual label, and for a repeated name.
  static func checkNames(_ options: Own) throws {
    for (key, names) in [("more_masks", options.moreMasks.keys), ("maps", options.maps.keys)] {
      for name in names.sorted() {
        let isUsual = Label.Kind.allCases.contains { $0.usualName == name }
        guard !isUsual, !name.isEmpty, key == "more_masks" || options.moreMasks[name] == nil else {
          throw SettingsError(
            key: "\(key).\(name)", expected: "a name that no other label has",
            received: "'\(name)'")
        }
      }
    }
  }

  /// The folders of further labels, from the root.
  func furtherFolders(_ tree: DataTree, _ places: [ImagePlace]) -> Set<String> {
    let folders = Array(options.moreMasks.values) + Array(options.maps.values)
    return Set(
      folders.flatMap { folder in
        places.compactMap { place(of: folder, beside: $0, tree).labels }
      })
  }

  /// The survey with the further labels of its images.
  func adding(
    to survey: Survey, _ tree: DataTree, _ places: [ImagePlace], _ images: [FoundImage],
    _ warnings: WarningLog
  ) throws -> Survey {
    var survey = survey
    for (name, folder) in options.moreMasks.sorted(by: { $0.key < $1.key }) {
      let (masks, folders) = try files(
        in: folder, Self.maskKinds, "masks", "more_masks.\(name)", tree, places, images, warnings)
      // The lists at the top are those of the label `mask`.
      var naming = MaskNaming(
        paths: masks.compactMap { $0 }, folder: tree.path(folder),
        labelMap: try LabelMap(in: tree, folders), indexNames: try .find(in: tree, folders))
      naming.hasOption = false
      let (coding, names) = try naming.coding(warnings)
      var found = FoundClasses(masks: names, file: coding.file)
      found.colors = naming.labelMap?.colorsByClass ?? [:]
      survey = try survey.adding(name, masks: masks, coding, found, warnings)
    }
    for (name, folder) in options.maps.sorted(by: { $0.key < $1.key }) {
      let maps = try files(
        in: folder, ["npy"], "arrays (.npy)", "maps.\(name)", tree, places, images, warnings
      ).paths
      survey = survey.adding(name, maps: maps)
    }
    return survey
  }

  /// The file of each image in a folder, and the folders that contain them.
  private func files(
    in folder: String, _ kinds: [String], _ what: String, _ key: String, _ tree: DataTree,
    _ usual: [ImagePlace], _ images: [FoundImage], _ warnings: WarningLog
  ) throws -> (paths: [String?], folders: [String]) {
    let places = usual.map { place(of: folder, beside: $0, tree) }
    let scheme = PairingScheme(tree, places)
    // The images have been reported already.
    let log = WarningLog()
    let found = try tree.images(
      in: places, kinds: kinds, prefix: scheme.maskPrefix, suffix: scheme.maskSuffix,
      imagePrefix: scheme.imagePrefix, imageSuffix: scheme.imageSuffix, log)
    for warning in log.all where warning.kind == "label of no image left out" {
      warnings.note(warning.kind, in: warning.files[0], count: warning.count)
    }
    let labels = Dictionary(
      found.compactMap { image in image.label.map { (image.path, tree.path($0)) } },
      uniquingKeysWith: { first, _ in first })
    let paths = images.map { labels[$0.path] }
    guard paths.contains(where: { $0 != nil }) else {
      throw ContentError(
        path: tree.path(folder), expected: "\(what) with the images' names, as '\(key)' says",
        received: places.contains { $0.labels != nil } ? "none" : "no such folder")
    }
    let folders = Set(places.compactMap(\.labels))
    let above = folders.map { FileName.parent(of: $0) }.filter { FileName.areNested($0, folder) }
    return (paths, folders.union(above).subtracting([""]).sorted())
  }

  /// The images of a folder with the folder of their labels: beside the images' folder
  /// (`train/images`, `train/lane`), or at the top, divided as the images are or not at all.
  private func place(
    of folder: String, beside place: ImagePlace, _ tree: DataTree
  ) -> ImagePlace {
    var own = place
    let spellings = Split.spellings.filter { Split(named: $0) == place.split }
    if folder.contains("{split}") {
      own.labels = tree.folder(spellings.map { folder.replacing("{split}", with: $0) })
      return own
    }
    let parent = FileName.parent(of: place.images)
    if let beside = tree.folder(
      [parent, place.images].filter { !$0.isEmpty }.map { "\($0)/\(folder)" })
    {
      own.labels = beside
      return own
    }
    let top = tree.folder([folder])
    let parts = top.map { tree.folders(in: $0) } ?? []
    let divided = parts.filter { Split.isName(FileName.last(of: $0)) }
    own.labels =
      divided.isEmpty || place.split == nil
      ? top : divided.first { Split(named: FileName.last(of: $0)) == place.split }
    return own
  }
}
