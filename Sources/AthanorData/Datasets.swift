import AthanorCore

/// The data sources that `data:` in a configuration can name. Layouts stand in the order in which
/// they are tried on a folder: more specific ones come first.
public let datasets = Registry<any DataSource>(
  kind: "dataset",
  [
    .init(SyntheticSource.self) { $0 },
    .init(CityscapesLayout.self) { $0 },
    .init(KITTILayout.self) { $0 },
    .init(ADE20KLayout.self) { $0 },
    .init(BDD100KLayout.self) { $0 },
    .init(MultiTaskArraysLayout.self) { $0 },
    .init(COCOLayout.self) { $0 },
    .init(COCOPanopticLayout.self) { $0 },
    .init(LabelmeXMLLayout.self) { $0 },
    .init(CVATLayout.self) { $0 },
    .init(CSVBoxesLayout.self) { $0 },
    .init(VOCLayout.self) { $0 },
    .init(LabelmeFoldersLayout.self) { $0 },
    .init(LabelmeLayout.self) { $0 },
    .init(YOLOLayout.self) { $0 },
    .init(CamVidLayout.self) { $0 },
    .init(FolderLayout.self) { $0 },
    .init(ImageFolderLayout.self) { $0 },
    .init(MixSource.self) { $0 },
  ])

extension Registry<any DataSource> {
  /// Adds a data set of one's own, under its name. A layout among them is tried on a folder before
  /// all that are there.
  public func register<T: Registered & DataSource>(_ type: T.Type) {
    add(.init(type) { $0 }, first: true)
  }
}

/// The layouts of files on disk, in the order in which they are tried on a folder.
public var layouts: [any Layout.Type] {
  datasets.entries.compactMap { $0.type as? any Layout.Type }
}
