import AthanorCore
import AthanorVision

/// The folders that `labelme_json_to_dataset` writes: one for each image, with the names of its
/// mask values.
public struct LabelmeFoldersLayout: Layout {
  public static let name = "labelme_folders"
  public static let summary =
    "labelme_json_to_dataset's folders, NAME_json/ with img.png: masks only"
  public static let source = "Wada, labelme_json_to_dataset"
  public static let onDisk = [
    "NAME_json/img.png    the image",
    "NAME_json/label.png  its mask, by the lines of",
    "NAME_json/label_names.txt",
  ]

  public typealias Own = NoOptions

  public let options: LayoutOptions<NoOptions>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<NoOptions>) { self.options = options }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    guard let folder = folders(in: tree).first else { return .no }
    return tree.file(["\(folder)/label_names.txt"]) == nil
      ? .near("\(folder)/label.png without label_names.txt beside it") : .yes([])
  }

  private static func folders(in tree: DataTree) -> [String] {
    tree.files.filter { FileName.last(of: $0) == "label.png" }.map { FileName.parent(of: $0) }
      .filter { tree.hasFile($0.isEmpty ? "img.png" : "\($0)/img.png") }
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let folders = Self.folders(in: tree)
    let names = try folders.map { folder -> MaskNaming.IndexNames in
      guard let found = try MaskNaming.IndexNames.find(in: tree, [folder]) else {
        throw ContentError(
          path: tree.path(folder), expected: "label_names.txt", received: "no such file")
      }
      return found
    }
    for folder in tree.folders
    where folder.hasSuffix("_json") || tree.hasFile("\(folder)/label.png") {
      for file in ["img.png", "label.png"] where !tree.hasFile("\(folder)/\(file)") {
        warnings.note("folder without \(file) left out", in: folder)
      }
    }
    var classes = FoundClasses(file: tree.root)
    let all = Set(names.flatMap { $0.names.values })
    classes.masks =
      all.filter(ClassName.isBackground).sorted().prefix(1)
      + all.filter { !ClassName.isBackground($0) }.sorted()
    let items = folders.map { folder -> Survey.Item in
      let (split, path) = Split.parted(folder)
      let name = path.hasSuffix("_json") ? String(path.dropLast(5)) : path
      return Survey.Item(name: name, image: tree.path("\(folder)/img.png"), split: split)
    }
    return Survey(items, classes) { table in
      { item, _ in
        let path = tree.path("\(folders[item])/label.png")
        let coding = MaskCoding(values: names[item].names, file: names[item].file)
        return Labels(mask: try MaskReader(coding, table).read(path), maskFile: path, file: path)
      }
    }
  }
}
