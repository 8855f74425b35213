import AthanorCore
import AthanorVision

/// A folder of images and the folder of labels that goes with it.
struct ImagePlace: Sendable, Equatable {
  /// The folder of images, from the root.
  var images: String
  /// The folder of labels; nil where there is none.
  var labels: String?
  /// The split in the folder's name.
  var split: Split?
}

/// An image with its name and its label's file.
struct FoundImage: Sendable {
  /// The path below the folder of images, without extension.
  var name: String
  /// From the root.
  var path: String
  var split: Split?
  /// From the root.
  var label: String?
}

extension DataTree {
  /// The folders of images and those of their labels, for the usual ways to divide them.
  ///
  /// `images/` with `labels/`; a subfolder per split in each (`images/train`, `labels/train`); a
  /// folder a split with both in it (`train/images`, `train/labels`). The first of the given
  /// names that exists is used; `""` is the folder itself. A name may contain `{split}`
  /// (`images/{split}2017`).
  func places(images: [String], labels: [String]) -> [ImagePlace] {
    if images.contains(where: { $0.contains("{split}") }) {
      return places(pattern: images[0], labels: labels[0])
    }
    if let top = folder(images), !top.isEmpty || hasImages(directlyIn: "") {
      let other = folder(labels)
      let parts = folders(in: top).filter { Split.isName(FileName.last(of: $0)) }
      guard !parts.isEmpty, !(top.isEmpty && hasImages(directlyIn: "")) else {
        return [ImagePlace(images: top, labels: other, split: nil)]
      }
      let rest = files(in: top, kinds: ImageKind.allExtensions).contains { path in
        !parts.contains { path.hasPrefix($0 + "/") }
      }
      // A folder of labels that is divided too has none for a split without a subfolder.
      let isDivided = other.map { folders(in: $0).contains { Split.isName(FileName.last(of: $0)) } }
      return parts.map { part in
        let name = FileName.last(of: part)
        let own = other.flatMap { other in
          folder([other.isEmpty ? name : "\(other)/\(name)"])
            ?? folders(in: other).first {
              Split.isName(FileName.last(of: $0))
                && Split(named: FileName.last(of: $0)) == Split(named: name)
            }
        }
        return ImagePlace(
          images: part, labels: own ?? (isDivided == true ? nil : other), split: Split(named: name))
      } + (rest ? [ImagePlace(images: top, labels: other, split: nil)] : [])
    }
    return folders(in: "").filter { Split.isName(FileName.last(of: $0)) }.compactMap { part in
      let inner = images.map { $0.isEmpty ? part : "\(part)/\($0)" }
      guard let top = folder(inner) else { return nil }
      return ImagePlace(
        images: top, labels: folder(labels.map { $0.isEmpty ? part : "\(part)/\($0)" }),
        split: Split(named: FileName.last(of: part)))
    }
  }

  private func places(pattern images: String, labels: String) -> [ImagePlace] {
    var places: [ImagePlace] = []
    for spelling in Split.spellings {
      guard let top = folder([images.replacing("{split}", with: spelling)]),
        !places.contains(where: { $0.images == top })
      else { continue }
      places.append(
        ImagePlace(
          images: top, labels: folder([labels.replacing("{split}", with: spelling)]),
          split: Split(named: spelling)))
    }
    return places
  }

  func hasImages(directlyIn folder: String) -> Bool {
    files(in: folder, deep: false).contains {
      ImageKind.allExtensions.contains(FileName.kind(of: $0))
        || ImageKind.knownButNotRead.contains(FileName.kind(of: $0))
    }
  }

  /// The images of some places with their labels: paired by their paths below the two folders, or
  /// by the stem alone where that is unique on both sides.
  ///
  /// Images of kinds that cannot be read are counted as left out.
  ///
  /// - Parameters:
  ///   - kinds: The extensions of label files, in lower case, the first preferred.
  ///   - prefix: What precedes the image's stem in that of its label.
  ///   - suffix: What follows it.
  ///   - imagePrefix: What precedes the common part in the image's stem.
  ///   - imageSuffix: What follows it.
  ///
  /// Errors: throws `ContentError` where images that differ in their extensions alone share a
  /// label.
  func images(
    in places: [ImagePlace], kinds: [String], prefix: String = "", suffix: String = "",
    imagePrefix: String = "", imageSuffix: String = "", _ warnings: WarningLog
  ) throws -> [FoundImage] {
    var found: [FoundImage] = []
    var (taken, used, owned) = (Set<String>(), Set<String>(), Set<String>())
    for place in places {
      let depth = place.images.isEmpty ? 0 : place.images.utf8.count + 1
      let labels = place.labels.map { stems(in: $0, kinds: kinds) }
      let isMixed = place.labels == place.images
      var byStem: [String: (key: String, path: String)?] = [:]
      for (key, path) in labels ?? [:] {
        let stem = FileName.last(of: key)
        byStem[stem] = byStem[stem] == nil ? .some((key, path)) : .some(nil)
      }
      var users: [String: String] = [:]
      let images = files(in: place.images, kinds: ImageKind.allExtensions)
      let stemCounts = Dictionary(images.map { (FileName.stem(of: $0), 1) }, uniquingKeysWith: +)
      for path in files(in: place.images) where !taken.contains(path) {
        let kind = FileName.kind(of: path)
        if ImageKind.knownButNotRead.contains(kind) {
          warnings.note("image of a kind that is not read left out (.\(kind))", in: path)
          continue
        }
        guard ImageKind.allExtensions.contains(kind) else { continue }
        let below = String(Substring(path.utf8.dropFirst(depth)))
        let name = FileName.withoutKind(below)
        // Masks among the images are not images.
        if isMixed, kinds.contains(kind), prefix + suffix != "",
          FileName.last(of: name).hasPrefix(prefix),
          name.hasSuffix(suffix)
        {
          continue
        }
        taken.insert(path)
        let parent = FileName.parent(of: name)
        let stem = FileName.last(of: name)
        let isOfScheme =
          stem.hasPrefix(imagePrefix) && stem.hasSuffix(imageSuffix)
          && stem.count >= imagePrefix.count + imageSuffix.count
        let shared =
          isOfScheme ? stem.dropFirst(imagePrefix.count).dropLast(imageSuffix.count) : stem[...]
        let labelName = prefix + shared + suffix
        var label = labels?[parent.isEmpty ? labelName : "\(parent)/\(labelName)"]
        // By the stem alone only where the folders do not disagree: `cam1` is not `cam2`.
        if label == nil, let labels, !labels.isEmpty, stemCounts[stem] == 1,
          let other = byStem[labelName].flatMap({ $0 }),
          FileName.areNested(parent, FileName.parent(of: other.key))
        {
          label = other.path
        }
        if label == path { label = nil }
        if let label, let other = users.updateValue(path, forKey: label) {
          throw ContentError(
            path: self.path(label), expected: "one image a label",
            received: "\(other) and \(path) for it")
        }
        // Where only the labels are divided, they determine the split of their image.
        let split =
          place.split
          ?? label.flatMap { label in
            Split.parted(
              String(Substring(label.utf8.dropFirst((place.labels?.utf8.count ?? -1) + 1)))
            ).split
          }
        found.append(FoundImage(name: name, path: path, split: split, label: label))
      }
      used.formUnion(users.keys)
      let all = place.labels.map { files(in: $0, kinds: Set(kinds)) } ?? []
      owned.formUnion(
        all.filter { path in
          !isMixed || !ImageKind.allExtensions.contains(FileName.kind(of: path))
            || (prefix + suffix != "" && FileName.stem(of: path).hasPrefix(prefix)
              && FileName.stem(of: path).hasSuffix(suffix))
        })
    }
    for path in owned.subtracting(used) where !Self.lists(path) {
      warnings.note("label of no image left out", in: path)
    }
    return found
  }

  /// Counts the images that are in no annotation file, in the folders of those that are and in the
  /// folders of the splits.
  func noteUnlisted(_ listed: Set<String>, _ warnings: WarningLog) {
    let folders = Set(listed.map { FileName.parent(of: $0) })
    for path in files(in: "", kinds: ImageKind.allExtensions) where !listed.contains(path) {
      let folder = FileName.parent(of: path)
      let isOther = ["annot", "mask", "label", "stuff", "panoptic", "seg", "depth", "gt"]
        .contains { folder.lowercased().contains($0) }
      guard folders.contains(folder) || (Split.parted(path).split != nil && !isOther) else {
        continue
      }
      warnings.note("image that no annotations name left out", in: path)
    }
  }

  /// Whether a file among labels is a list of classes or of files.
  private static func lists(_ path: String) -> Bool {
    [
      "classes.txt", "labels.txt", "notes.json", "labelmap.txt", "class_names.txt", "train.txt",
      "val.txt", "test.txt",
    ].contains(FileName.last(of: path).lowercased())
  }
}
