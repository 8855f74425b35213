import AthanorCore
import AthanorVision

/// How the labels of one data set are expressed in the classes of another, matched by name and
/// never by position.
///
/// A class that the other does not have becomes 255 in masks, its boxes are dropped, and an image
/// of it has no class. A label that the other does not have at all is dropped.
struct ClassMapping: Sendable, Equatable {
  /// For each label the new index of each class; nil for a label without classes.
  private let indices: [String: [Int?]?]

  init(from classes: DataClasses, to others: DataClasses) {
    var indices: [String: [Int?]?] = [:]
    for (name, label) in classes.labels {
      guard let other = others.labels[name], other.kind == label.kind else { continue }
      indices[name] = .some(
        label.names.isEmpty ? nil : Self.indices(of: label.names, in: other.names))
    }
    self.indices = indices
  }

  /// The index of each name among others; nil where it is missing.
  static func indices(of names: [String], in others: [String]) -> [Int?] {
    let indices = Dictionary(
      others.enumerated().map { (ClassName.key($1), $0) }, uniquingKeysWith: { first, _ in first })
    return names.map { indices[ClassName.key($0)] }
  }

  /// The sample with its labels in the other classes.
  func callAsFunction(_ sample: Sample) -> Sample {
    var sample = sample
    for (name, label) in sample.labels {
      sample.labels[name] = indices[name].flatMap { indices in
        indices.map { Self.mapped(label, $0) } ?? label
      }
    }
    return sample
  }

  private static func mapped(_ label: Label, _ indices: [Int?]) -> Label? {
    func new(_ index: Int) -> Int? { indices.indices.contains(index) ? indices[index] : nil }
    switch label {
    case .mask(var mask):
      let values = (0..<256).map { new($0).map { UInt8($0) } ?? 255 }
      for i in mask.pixels.indices { mask.pixels[i] = values[Int(mask.pixels[i])] }
      return .mask(mask)
    case .boxes(let label):
      let boxes = label.boxes.compactMap { box in
        new(box.label).map { label in
          var box = box
          box.label = label
          return box
        }
      }
      let annotations = label.annotations?.compactMap { object in
        new(object.label).map { label in
          var object = object
          object.label = label
          return object
        }
      }
      return .boxes(BoxLabel(boxes, annotations: annotations))
    case .category(let label): return new(label.index).map { .category(CategoryLabel($0)) }
    case .depth, .normals, .map: return label
    }
  }
}
