import AthanorCore
import AthanorVision

/// A data source whose labels are given in the class order of another class list, by name.
public struct MatchedSource: DataSource {
  let source: any DataSource
  let classes: DataClasses

  /// - `classes`: The class list to use; classes of the source that are not in it are
  ///   ignored.
  public init(_ source: any DataSource, classes: DataClasses) {
    self.source = source
    self.classes = classes
  }

  public func splits() throws -> [Split] { try source.splits() }

  public var folders: [String]? { source.folders }

  public func open(_ split: Split) throws -> any Dataset {
    MatchedDataset(try source.open(split), classes: classes)
  }
}

/// A data set in the class order of another class list: names, colours and order are the other's,
/// category ids its own.
struct MatchedDataset: Dataset {
  let classes: DataClasses
  private let dataset: any Dataset
  private let mapping: ClassMapping

  init(_ dataset: any Dataset, classes wanted: DataClasses) {
    self.dataset = dataset
    mapping = ClassMapping(from: dataset.classes, to: wanted)
    var classes = wanted
    for (name, label) in wanted.labels {
      guard let own = dataset.classes.labels[name] else { continue }
      classes.labels[name]?.categoryIDs = Self.categoryIDs(of: label.names, in: own)
    }
    self.classes = classes
  }

  /// The data set's id of each class; for classes that it does not have, an unused id.
  private static func categoryIDs(
    of names: [String], in classes: LabelClasses
  ) -> [COCOIdentifier] {
    guard classes.kind == .boxes else { return [] }
    var unused = 1
    let taken = Set(classes.categoryIDs)
    return ClassMapping.indices(of: names, in: classes.names).map { index in
      if let index { return classes.categoryIDs[index] }
      while taken.contains(.number(unused)) { unused += 1 }
      defer { unused += 1 }
      return .number(unused)
    }
  }

  var count: Int { dataset.count }
  var warnings: WarningLog { dataset.warnings }
  func name(at index: Int) -> String { dataset.name(at: index) }
  func file(at index: Int) -> String? { dataset.file(at: index) }
  func id(at index: Int) -> COCOIdentifier { dataset.id(at: index) }
  func sample(at index: Int) throws -> Sample { mapping(try dataset.sample(at: index)) }
}
