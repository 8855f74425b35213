import AthanorCore
import AthanorVision

/// Images in a folder for each class, as torchvision's `ImageFolder` reads them: the label `class`.
///
/// The classes are the names of the folders in the order of their bytes, those of all splits
/// together; the depth of an image in the folder of its class does not matter. A folder per split
/// holds such folders, or else they are at the top and lists or shares divide the images. Images
/// beside the folders of classes have no class, such as those of a test set.
public struct ImageFolderLayout: Layout {
  public static let name = "image_folder"
  public static let summary = "a folder of images for each class, as torchvision's ImageFolder"
  public static let source = "torchvision; most image classification sets"
  public static let onDisk = [
    "train/CLASS/         the images of a class; val/, test/ likewise",
    "CLASS/               or folders of classes alone",
  ]

  public static let labelsAreFiles = false

  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    public init() {}
  }

  public let options: LayoutOptions<Own>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<Own>) { self.options = options }

  /// At least two classes, whose folders contain images without label files; folders named after
  /// their content, such as `images`, are no classes.
  public static func recognise(_ tree: DataTree) throws -> Recognition {
    let parts = parts(in: tree)
    let classes = parts.flatMap { classFolders(in: tree, $0.folder) }
    let names = Set(classes.map { FileName.last(of: $0).lowercased() })
    // Single letters are valid classes.
    let others = [
      FolderLayout.imageFolders, FolderLayout.maskFolders, DenseLabels.depthFolders,
      DenseLabels.normalFolders,
    ].flatMap(\.self).map { $0.lowercased() }.filter { $0.count > 1 }
    guard names.count > 1, names.isDisjoint(with: others),
      parts.count > 1 || parts[0].split != nil || !tree.hasImages(directlyIn: ""),
      !classes.contains(where: { hasLabelFiles($0, tree) })
    else { return .no }
    return .yes([])
  }

  /// The folders of the splits, or the root where there are none.
  private static func parts(in tree: DataTree) -> [(folder: String, split: Split?)] {
    let parts = tree.folders(in: "").filter { Split.isName($0) }
    return parts.isEmpty ? [("", nil)] : parts.map { ($0, Split(named: $0)) }
  }

  /// The folders directly in a folder that contain images.
  private static func classFolders(in tree: DataTree, _ folder: String) -> [String] {
    tree.folders(in: folder).filter {
      !tree.files(in: $0, kinds: ImageKind.allExtensions).isEmpty
    }
  }

  /// Whether there are label files among the images with their names.
  private static func hasLabelFiles(_ folder: String, _ tree: DataTree) -> Bool {
    let others = tree.files(in: folder, kinds: ["xml", "json", "txt", "npy"])
      .map { FileName.withoutKind($0) }
    guard !others.isEmpty else { return false }
    let images = Set(
      tree.files(in: folder, kinds: ImageKind.allExtensions).map { FileName.withoutKind($0) })
    return others.contains(where: images.contains)
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let places = Self.parts(in: tree).map { ImagePlace(images: $0.folder, split: $0.split) }
    let found = try tree.images(in: places, kinds: [], warnings)
    guard !found.isEmpty else { throw noImages(in: tree) }
    let paths = Set(found.map(\.path))
    for path in tree.files(in: "", kinds: ImageKind.allExtensions) where !paths.contains(path) {
      warnings.note("image in no split's folder left out", in: path)
    }
    var items = found.map {
      Survey.Item(name: $0.name, image: tree.path($0.path), split: $0.split)
    }
    if !items.contains(where: { $0.split != nil }) {
      items = try SplitLists(in: tree).divide(items, warnings)
    }
    // A name is the path below the folder of the split, whose first part is the class.
    let names = items.map { item -> String? in
      let parts = item.name.split(separator: "/", maxSplits: 1)
      return parts.count == 2 ? String(parts[0]) : nil
    }
    var classes = FoundClasses(file: tree.root)
    classes.categories = Set(names.compactMap(\.self)).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    guard !classes.categories.isEmpty else {
      throw ContentError(
        path: tree.root, expected: "a folder of images for each class", received: "images alone")
    }
    let files = items.map(\.image)
    return Survey(items, classes) { table in
      { item, _ in
        var labels = Labels(file: files[item])
        guard let name = names[item] else { return labels }
        labels.category = table.category(of: name)
        if labels.category == nil {
          warnings.note("image of a class that 'classes' leaves out", in: files[item])
        }
        return labels
      }
    }
  }
}
