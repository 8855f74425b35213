import AthanorCore

/// The layouts that `data:` in a configuration can name.
public let datasets = Registry<any DataSource>(
  kind: "dataset",
  [
    .init(SyntheticSource.self) { $0 },
    .init(VOCSource.self) { $0 },
    .init(LabelmeSource.self) { $0 },
    .init(FolderSource.self) { $0 },
    .init(CamVidSource.self) { $0 },
    .init(COCOSource.self) { $0 },
    .init(YOLOSource.self) { $0 },
    .init(MixSource.self) { $0 },
  ])
