import AthanorCore
import AthanorVision

/// How the labels of one class list are written in another, matched by name and never by position.
///
/// A class that the other list does not have becomes 255 in masks, and its boxes are dropped.
struct ClassMapping: Sendable, Equatable {
  /// The new value of each mask value.
  private let maskValues: [UInt8]
  /// The new label of each box label.
  private let labels: [Int?]

  init(from classes: DataClasses, to others: DataClasses) {
    let values = Self.places(of: classes.segmentation, in: others.segmentation)
    maskValues = (0..<256).map { value in
      values.indices.contains(value) ? values[value].map { UInt8($0) } ?? 255 : 255
    }
    labels = Self.places(of: classes.detection, in: others.detection)
  }

  /// Where each name stands among others; nil where it does not.
  static func places(of names: [String], in others: [String]) -> [Int?] {
    let places = Dictionary(
      others.enumerated().map { (ClassName.key($1), $0) }, uniquingKeysWith: { first, _ in first })
    return names.map { places[ClassName.key($0)] }
  }

  /// The sample with its labels in the other list.
  func callAsFunction(_ sample: Sample) -> Sample {
    var sample = sample
    if var mask = sample.mask {
      for i in mask.pixels.indices { mask.pixels[i] = maskValues[Int(mask.pixels[i])] }
      sample.mask = mask
    }
    sample.boxes = sample.boxes?.compactMap { box in
      labels[box.label].map { label in
        var box = box
        box.label = label
        return box
      }
    }
    sample.annotations = sample.annotations?.compactMap { object in
      labels[object.label].map { label in
        var object = object
        object.label = label
        return object
      }
    }
    return sample
  }
}
