import AthanorCore
import AthanorVision

/// The data set in a folder, recognised by its content, as a selection for the registry `datasets`.
///
/// A folder that contains only another one is replaced by that one, as after unpacking archives
/// (`VOCdevkit/VOC2012/`).
///
/// Errors: throws `ContentError` where no layout matches the folder: what was looked for, and the
/// nearest match.
public func recogniseLayout(of path: String) throws -> Selection {
  var nearest: [String] = []
  let (found, tree) = try search(path, &nearest)
  guard let found else { throw notRecognised(tree, nearest) }
  return found
}

/// As above, or nil where no layout matches the folder, or only one without label files: changing
/// the images then changes no labels.
public func layoutOfLabelFiles(of path: String) throws -> Selection? {
  var nearest: [String] = []
  guard let found = try search(path, &nearest).found else { return nil }
  return layouts.contains { $0.name == found.name && $0.labelsAreFiles } ? found : nil
}

/// The layout of a folder, or of the only one in it; otherwise the folder where the search ended.
private func search(
  _ path: String, _ nearest: inout [String]
) throws -> (found: Selection?, tree: DataTree) {
  var place = path
  for _ in 0..<4 {
    let tree = try DataTree(place)
    if let found = try recognise(tree, &nearest) { return (found, tree) }
    let inner = tree.folders(in: "")
    guard inner.count == 1, tree.files(in: "", deep: false).allSatisfy({ isNote($0) }) else {
      return (nil, tree)
    }
    place = tree.path(inner[0])
  }
  return (nil, try DataTree(path))
}

private func recognise(_ tree: DataTree, _ nearest: inout [String]) throws -> Selection? {
  let before = nearest.count
  for layout in layouts {
    switch try layout.recognise(tree) {
    case .yes(let options):
      // Folders of images are classes only where no file belongs to another layout.
      guard layout.labelsAreFiles || nearest.count == before else { continue }
      return Selection(layout.name, [.init("path", .string(tree.root))] + options)
    case .near(let what): nearest.append("\(layout.name): \(what)")
    case .no: break
    }
  }
  return nil
}

/// Whether a file describes the data instead of being part of them.
private func isNote(_ path: String) -> Bool {
  ["", "md", "txt", "html", "pdf"].contains(FileName.kind(of: path))
}

private func notRecognised(_ tree: DataTree, _ nearest: [String]) -> ContentError {
  if !tree.files.isEmpty, nearest.isEmpty,
    tree.files(in: "", kinds: ImageKind.allExtensions).isEmpty
  {
    let error = noImages(in: tree)
    if error.received.contains("not read") { return error }
  }
  var looked = "the layout of a data set: "
  looked += layouts.map { "\($0.name) (\($0.onDisk[0].split(separator: "  ")[0]))" }
    .joined(separator: ", ")
  let there = (tree.folders(in: "").map { $0 + "/" } + tree.files(in: "", deep: false)).prefix(6)
    .joined(separator: ", ")
  var received = tree.files.isEmpty ? "an empty folder" : "none of these, but \(there)"
  var ignored: [String] = []
  for folder in tree.folders(in: "").prefix(8) {
    guard let inner = try? DataTree(tree.path(folder)),
      let found = try? recognise(inner, &ignored)
    else { continue }
    received += "; \(folder)/ looks like \(found.name)"
  }
  let texts = tree.files(in: "", kinds: ["json", "csv", "xml", "txt", "yaml", "yml"]).prefix(100)
  for path in texts {
    guard let encoding = TextFile.wideEncoding(of: tree.path(path)) else { continue }
    received += "; \(path) is \(encoding) text, not UTF-8 (save it as UTF-8)"
    break
  }
  if !nearest.isEmpty { received += "; nearest are \(nearest.joined(separator: "; "))" }
  return ContentError(
    path: tree.root, expected: looked + " (see athanor data --help, or say --layout)",
    received: received)
}
