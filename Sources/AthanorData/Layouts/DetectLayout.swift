import AthanorCore

/// The data set that a folder's content looks like, ready for the registry `datasets`.
///
/// `JPEGImages/` is VOC; `annotations/instances_*.json` COCO; `images/` with `masks/` (or KITTI's
/// `image_2/` with `semantic/`) a folder pair; `images/` with `labels/` YOLO; labelme's JSON files
/// labelme; a `train.txt` of two columns CamVid. Throws `DatasetError` where none of them is there.
public func detectLayout(of path: String) throws -> Selection {
  let folder = try DataFolder(path)
  func selection(_ name: String, _ more: [Settings.Entry] = []) -> Selection {
    Selection(name, [.init("path", .string(path))] + more)
  }
  if folder.hasFolder("JPEGImages") { return selection(VOCSource.name) }
  if folder.hasFolder("annotations"),
    try folder.list("annotations").contains(where: { $0.hasPrefix("instances_") })
  {
    return selection(COCOSource.name)
  }
  for (images, masks) in [("images", "masks"), ("image_2", "semantic")]
  where folder.hasFolder(images) && folder.hasFolder(masks) {
    return selection(
      FolderSource.name, [.init("images", .string(images)), .init("masks", .string(masks))])
  }
  if folder.hasFolder("images"), folder.hasFolder("labels") { return selection(YOLOSource.name) }
  if try folder.list().contains(where: { $0.lowercased().hasSuffix(".json") && $0 != "data.json" })
  {
    return selection(LabelmeSource.name)
  }
  if folder.hasFile("train.txt"),
    let line = try DataFolder.lines(of: folder.path("train.txt")).first,
    line.split(whereSeparator: \.isWhitespace).count == 2
  {
    return selection(CamVidSource.name)
  }
  throw DatasetError(
    path: path,
    expected: "JPEGImages/, annotations/instances_*.json, images/ with masks/ or labels/, "
      + "labelme's .json files, or a train.txt of image and mask pairs",
    received: try folder.list().isEmpty ? "an empty folder" : "none of these")
}
