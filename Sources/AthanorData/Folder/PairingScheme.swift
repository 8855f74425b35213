import AthanorVision

/// How the names of masks differ from their images': `image_0001` and `gt_0001` share `0001`.
struct PairingScheme: Equatable {
  var imagePrefix = ""
  var imageSuffix = ""
  var maskPrefix = ""
  var maskSuffix = ""

  init(
    imagePrefix: String = "", imageSuffix: String = "", maskPrefix: String = "",
    maskSuffix: String = ""
  ) {
    self.imagePrefix = imagePrefix
    self.imageSuffix = imageSuffix
    self.maskPrefix = maskPrefix
    self.maskSuffix = maskSuffix
  }

  /// What follows the image's name in those of masks in the same folder.
  private static let mixedSuffixes = [
    "_mask", "_masks", "-mask", "_label", "_labels", "-label", "_gt", "_seg", "_segmentation",
    "_annotation", "_L",
  ]

  /// The scheme that pairs most masks of the first folder with images; the trivial one where some
  /// masks have their images' names.
  init(_ tree: DataTree, _ places: [ImagePlace]) {
    for place in places {
      guard let labels = place.labels else { continue }
      if labels == place.images {
        self.init(maskSuffix: Self.suffix(in: labels, of: tree) ?? "")
        return
      }
      let masks = Self.stems(tree, labels, FolderLayout.maskKinds)
      let images = Self.stems(tree, place.images, Array(ImageKind.allExtensions))
      let known = Set(masks)
      guard let first = images.first, !masks.isEmpty, !images.contains(where: known.contains)
      else { continue }
      var tried = Set<[String]>()
      for mask in masks {
        guard let part = mask.range(of: first) else { continue }
        let (before, after) = (String(mask[..<part.lowerBound]), String(mask[part.upperBound...]))
        // Numbers differ from mask to mask, and are no scheme.
        guard tried.count < 64, tried.insert([before, after]).inserted else { continue }
        let matching = images.count { known.contains(before + $0 + after) }
        if 2 * matching > min(images.count, masks.count) {
          self.init(maskPrefix: before, maskSuffix: after)
          return
        }
      }
      if let scheme = Self(images: images, masks: masks) {
        self = scheme
        return
      }
    }
    self.init()
  }

  /// The scheme of names that are equal after removing from each side the common beginning and end
  /// of its names. Numbers stay whole: `image_01` and `gt_11` have nothing in common.
  private init?(images: [String], masks: [String]) {
    let (image, mask) = (Self.shared(images), Self.shared(masks))
    let cores = images.map { Self.core($0, image) }
    let known = Set(masks.map { Self.core($0, mask) })
    guard cores.allSatisfy({ !$0.isEmpty }), !known.contains(""), known.count == masks.count,
      2 * cores.count(where: known.contains) > min(images.count, masks.count)
    else { return nil }
    self.init(
      imagePrefix: image.prefix, imageSuffix: image.suffix, maskPrefix: mask.prefix,
      maskSuffix: mask.suffix)
  }

  private static func core(_ name: String, _ shared: (prefix: String, suffix: String)) -> String {
    String(name.dropFirst(shared.prefix.count).dropLast(shared.suffix.count))
  }

  /// The common beginning and end of all names, without digits next to the differing part.
  private static func shared(_ names: [String]) -> (prefix: String, suffix: String) {
    guard let first = names.first else { return ("", "") }
    var prefix = first[...]
    for name in names { while !name.hasPrefix(prefix) { prefix.removeLast() } }
    while prefix.last?.isNumber == true { prefix.removeLast() }
    let rests = names.map { $0.dropFirst(prefix.count) }
    var suffix = rests[0]
    for rest in rests { while !rest.hasSuffix(suffix) { suffix.removeFirst() } }
    while suffix.first?.isNumber == true { suffix.removeFirst() }
    return (String(prefix), String(suffix))
  }

  private static func stems(_ tree: DataTree, _ folder: String, _ kinds: [String]) -> [String] {
    tree.stems(in: folder, kinds: kinds).keys.map { FileName.last(of: $0) }.sorted()
  }

  /// Folders that contain images and their masks side by side: the root, or a folder per split.
  static func mixed(in tree: DataTree) -> [ImagePlace] {
    let parts = tree.folders(in: "").filter { Split.isName(FileName.last(of: $0)) }
    let places = parts.filter { suffix(in: $0, of: tree) != nil }.map {
      ImagePlace(images: $0, labels: $0, split: Split(named: FileName.last(of: $0)))
    }
    guard places.isEmpty else { return places }
    return suffix(in: "", of: tree) == nil ? [] : [ImagePlace(images: "", labels: "")]
  }

  /// The suffix by which most files in a folder are pairs of an image and its mask.
  private static func suffix(in folder: String, of tree: DataTree) -> String? {
    let kinds = ImageKind.allExtensions
    let images = Set(
      tree.files(in: folder, kinds: kinds, deep: false).map { FileName.stem(of: $0) })
    let masks = tree.files(in: folder, kinds: Set(FolderLayout.maskKinds), deep: false)
      .map { FileName.stem(of: $0) }
    return mixedSuffixes.first { suffix in
      let paired = masks.count {
        $0.hasSuffix(suffix) && images.contains(String($0.dropLast(suffix.count)))
      }
      return paired > 0 && 4 * paired > images.count
    }
  }
}
