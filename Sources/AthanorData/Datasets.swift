import AthanorCore

/// The layouts of files on disk, in the order in which they are tried on a folder: more specific
/// ones come first.
public let layouts: [any Layout.Type] = [
  CityscapesLayout.self,
  KITTILayout.self,
  ADE20KLayout.self,
  BDD100KLayout.self,
  MultiTaskArraysLayout.self,
  COCOLayout.self,
  COCOPanopticLayout.self,
  LabelmeXMLLayout.self,
  CVATLayout.self,
  CSVBoxesLayout.self,
  VOCLayout.self,
  LabelmeFoldersLayout.self,
  LabelmeLayout.self,
  YOLOLayout.self,
  CamVidLayout.self,
  FolderLayout.self,
  ImageFolderLayout.self,
]

/// The data sources that `data:` in a configuration can name.
public let datasets = Registry<any DataSource>(
  kind: "dataset",
  [.init(SyntheticSource.self) { $0 }] + layouts.map { entry(of: $0) }
    + [.init(MixSource.self) { $0 }])

private func entry<L: Layout>(of type: L.Type) -> Registry<any DataSource>.Entry {
  .init(type) { $0 }
}
