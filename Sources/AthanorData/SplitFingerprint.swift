import AthanorCore
import AthanorVision

/// Which version of a split's samples it is: their number, and sixteen digits that change with a
/// name, an image or a label of any of them, or with their order.
///
/// It depends on samples as they are read: the bytes of the image's file, or the pixels where it
/// has no file of its own, and the labels for training and evaluation. The path of the data and
/// other files do not matter.
public struct SplitFingerprint: Codable, Hashable, Sendable {
  public var split: Split
  public var samples: Int
  public var fingerprint: String

  public init(_ split: Split, samples: Int, fingerprint: String) {
    self.split = split
    self.samples = samples
    self.fingerprint = fingerprint
  }

  /// Reads every sample, on all CPUs; damaged ones are part of the fingerprint as such.
  ///
  /// - `progress`: Called from time to time with how many are read; it may throw to stop.
  ///
  /// Throws where the disk as a whole fails, or, if strict, the error of a damaged sample.
  public init(
    _ split: Split, of dataset: any Dataset, isStrict: Bool = false, progress: (Int) throws -> Void
  ) throws {
    let reader = SampleReader(dataset, isStrict: isStrict)
    let parts = try concurrently(Array(0..<dataset.count), progress: progress) {
      try Self.fingerprint(of: $0, reader)
    }
    var all = Fingerprint([])
    for part in parts { all.add(part.value) }
    self.init(split, samples: dataset.count, fingerprint: all.digits)
  }

  private static func fingerprint(of index: Int, _ reader: SampleReader) throws -> Fingerprint {
    var result = Fingerprint(reader.dataset.name(at: index).utf8)
    guard let sample = try reader.sample(at: index) else {
      result.add(0)
      return result
    }
    result.add(1)
    if let file = reader.dataset.file(at: index) {
      result.add(Fingerprint(try AtomicFile.read(file)).value)
    } else {
      result.add(sample.image)
    }
    for (name, label) in sample.labels.sorted(by: { $0.key < $1.key }) {
      result.add(Fingerprint(name.utf8).value)
      result.add(label)
    }
    return result
  }
}

extension Fingerprint {
  fileprivate mutating func add(_ label: Label) {
    switch label {
    case .mask(let mask): add(mask)
    case .boxes(let label):
      add(label.boxes)
      add(label.annotations == nil ? 0 : 1)
      add(label.annotations ?? [])
    case .depth(let map), .normals(let map), .map(let map): add(map)
    case .category(let label): add(UInt64(label.index))
    }
  }

  fileprivate mutating func add(_ image: Image) {
    for size in [image.width, image.height, image.channels] { add(UInt64(size)) }
    add(Fingerprint(image.pixels).value)
  }

  fileprivate mutating func add(_ boxes: [BoundingBox]) {
    add(UInt64(boxes.count))
    for box in boxes {
      for edge in [box.x1, box.y1, box.x2, box.y2] { add(UInt64(edge.bitPattern)) }
      add(UInt64(box.label))
    }
  }

  /// The annotations as evaluation uses them: outlines are only needed for writing.
  fileprivate mutating func add(_ objects: [ObjectAnnotation]) {
    add(UInt64(objects.count))
    for object in objects {
      let sizes = [object.x, object.y, object.width, object.height, object.area ?? -1]
      for size in sizes { add(size.bitPattern) }
      add(UInt64(object.label))
      add(object.isCrowd ? 1 : 0)
    }
  }

  fileprivate mutating func add(_ map: DenseMap) {
    for size in [map.width, map.height, map.channels] { add(UInt64(size)) }
    for value in map.values { add(UInt64(value.bitPattern)) }
  }
}
