import AthanorCore
import AthanorVision

/// Lists of image and mask pairs, as SegNet distributes CamVid: `train.txt` holds a pair per line.
///
/// The lists contain paths of another machine (`/SegNet/CamVid/train/x.png`): leading folders are
/// dropped until the path exists in the data folder. Any data set with such lists can be read.
public struct CamVidLayout: Layout {
  public static let name = "camvid"
  public static let summary = "lists of image and mask pairs, as SegNet's CamVid: masks only"
  public static let source = "Badrinarayanan et al. 2017; Brostow et al. 2009"
  public static let onDisk = [
    "train.txt            'image mask' a line; val.txt, test.txt likewise",
    "train/, trainannot/  images and index masks, wherever the lists say",
  ]

  public struct Own: Codable, Equatable, Sendable, DefaultInitializable {
    /// Mask values that become 255. Without `classes` CamVid's 11 is void.
    public var ignore: [Int] = []
    /// The mask value of each name in `classes`, where the values are not 0, 1, 2, …
    public var values: [Int] = []

    public init() {}
  }

  public let options: LayoutOptions<Own>
  public let surveyed = Once<SurveyedData>()

  public init(_ options: LayoutOptions<Own>) { self.options = options }

  public static func recognise(_ tree: DataTree) throws -> Recognition {
    let lists = SplitLists(in: tree)
    guard let list = Split.allCases.lazy.compactMap({ lists.files[$0]?.first }).first else {
      return .no
    }
    guard let line = try TextFile.lines(of: tree.path(list)).first else {
      return .near("\(list), an empty list")
    }
    if (try? pair(line, tree, list)) != nil { return .yes([]) }
    return line.split(whereSeparator: \.isWhitespace).count == 2
      ? .near("\(list) with pairs ('\(line)') that are not in the folder") : .no
  }

  public func survey(_ tree: DataTree, _ warnings: WarningLog) throws -> Survey {
    let lists = SplitLists(in: tree)
    var items: [Survey.Item] = []
    var masks: [String?] = []
    var listed = Set<String>()
    for split in Split.allCases {
      for list in lists.files[split] ?? [] {
        for line in try TextFile.lines(of: tree.path(list)) {
          let (image, mask) = try Self.pair(line, tree, list)
          listed.formUnion([image, mask])
          items.append(
            Survey.Item(name: FileName.stem(of: image), image: tree.path(image), split: split))
          masks.append(tree.path(mask))
        }
      }
    }
    tree.noteUnlisted(listed, warnings)
    guard !items.isEmpty else {
      throw ContentError(
        path: tree.path("train.txt"), expected: "an image and a mask a line",
        received: lists.isEmpty ? "no such file" : "no line")
    }
    var naming = MaskNaming(
      paths: [], folder: tree.root, labelMap: try LabelMap(in: tree),
      indexNames: try .find(in: tree), wanted: options.classes, values: options.values,
      ignore: options.ignore)
    let isCamVid = try Self.isCamVid(items, tree, lists)
    if isCamVid { try naming.takeCamVid(masks.compactMap { $0 }) }
    var survey = try Survey.masked(items, masks: masks, naming: naming, warnings)
    if isCamVid, naming.labelMap == nil { survey.classes.colors = Self.standardColors }
    return survey
  }

  /// Whether the lists or the files have CamVid's names: other data sets have such lists too.
  private static func isCamVid(
    _ items: [Survey.Item], _ tree: DataTree, _ lists: SplitLists
  ) throws -> Bool {
    if bearNames(items) { return true }
    return try lists.files.values.joined().allSatisfy {
      let text = try TextFile.read(tree.path($0)).lowercased()
      return text.contains("camvid") || text.contains("segnet")
    }
  }

  /// The two files of a line, from the root: the first way to split it so that both exist.
  private static func pair(
    _ line: String, _ tree: DataTree, _ list: String
  ) throws -> (image: String, mask: String) {
    var cuts = line.indices.filter { line[$0].isWhitespace || line[$0] == "," }
    // The middle first: in most lists both paths have about the same length.
    let middle = line.count / 2
    cuts.sort {
      abs(line.distance(from: line.startIndex, to: $0) - middle)
        < abs(line.distance(from: line.startIndex, to: $1) - middle)
    }
    var missing: any Error = ContentError(
      path: tree.path(list), expected: "an image and a mask a line", received: "'\(line)'")
    for (attempt, cut) in cuts.enumerated() {
      let image = ClassName.trimmed(String(line[..<cut]))
      let mask = ClassName.trimmed(String(line[line.index(after: cut)...]))
      guard !image.isEmpty, !mask.isEmpty else { continue }
      do {
        return (try find(image, tree, list), try find(mask, tree, list))
      } catch  where attempt == 0 {
        missing = error
      } catch {}
    }
    throw missing
  }

  /// The file in the folder whose path is the longest tail of `entry`.
  private static func find(_ entry: String, _ tree: DataTree, _ list: String) throws -> String {
    let parts = entry.split(separator: "/").map(String.init)
    for start in parts.indices {
      let tail = parts[start...].joined(separator: "/")
      let path = try tree.resolve(tail, writtenIn: tree.path(list))
      if let found = tree.file(at: path) { return found }
    }
    throw ContentError(
      path: tree.path(list), expected: "files in \(tree.root)",
      received: "'\(entry)', which is not there")
  }
}
