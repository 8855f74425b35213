import AthanorVision

/// A source whose samples are changed as they are read, labels with them.
public struct TransformedSource: DataSource {
  let source: any DataSource
  let transform: @Sendable (Sample) throws -> Sample

  public init(
    _ source: any DataSource, _ transform: @escaping @Sendable (Sample) throws -> Sample
  ) {
    self.source = source
    self.transform = transform
  }

  public func splits() throws -> [Split] { try source.splits() }

  public func open(_ split: Split) throws -> any Dataset {
    let dataset = try source.open(split)
    let transform = transform
    return ListedDataset(dataset.classes, dataset.names, dataset.warnings) {
      try transform(try dataset.sample(at: $0))
    }
  }
}
