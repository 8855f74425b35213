import AthanorCore
import AthanorTensor
import AthanorVision

/// One label of every sample of a batch, in input pixels.
public struct BatchLabel: Sendable {
  public var kind: Label.Kind
  /// By kind:
  ///
  ///     mask            [N,H,W] u8 class indices, 255 to ignore
  ///     boxes           [M,5] f32: the sample's index in the batch, then x1, y1, x2, y2
  ///     depth           [N,H,W] f32, 0 where unknown
  ///     normals, map    [N,H,W,C] f32, 0 or NaN where unknown
  ///     class           [N] i32, −1 where missing
  public var values: Tensor
  /// The class of each box, `[M]` i32, from 0 without background; nil for other kinds.
  public var classes: Tensor?
  /// Whether each sample has the label: a mask or map with a valid pixel, a class, or boxes, of
  /// which there may be none.
  public var isLabelled: [Bool]

  public init(_ kind: Label.Kind, _ values: Tensor, classes: Tensor? = nil, isLabelled: [Bool]) {
    self.kind = kind
    self.values = values
    self.classes = classes
    self.isLabelled = isLabelled
  }

  /// Whether any sample has the label.
  public var isAnyLabelled: Bool { isLabelled.contains(true) }
}

/// Samples in the form of a network's input.
public struct Batch: Sendable {
  /// `[N,H,W,3]` f32, normalised.
  public var image: Tensor
  /// The requested labels by name.
  public var labels: [String: BatchLabel]
  public var names: [String]
  /// The mapping back to each original.
  public var geometry: [Geometry]
  /// The samples as read and their indices in the data set; only for evaluation.
  public var originals: [(index: Int, sample: Sample)] = []

  public init(
    image: Tensor, labels: [String: BatchLabel], names: [String], geometry: [Geometry]
  ) {
    self.image = image
    self.labels = labels
    self.names = names
    self.geometry = geometry
  }

  public var count: Int { names.count }

  /// Resizes samples to one size and joins them: images bilinear, masks and maps nearest.
  ///
  /// - `labels`: The labels to include; a missing one is unknown everywhere.
  /// - `originals`: The sizes that `geometry` leads back to, by default the samples' own.
  public init(
    _ samples: [Sample], _ format: InputFormat, labels wanted: [String: Label.Kind],
    originals: [(Int, Int)]? = nil
  ) {
    let (height, width) = (format.height, format.width)
    image = Tensor(uninitialized: [samples.count, height, width, 3])
    (names, geometry) = ([], [])
    var geometries: [Geometry] = []
    for (n, sample) in samples.enumerated() {
      let inInput = format.geometry(width: sample.image.width, height: sample.image.height)
      sample.image
        .resized(width: inInput.contentWidth, height: inInput.contentHeight, .linear)
        .normalized(
          format.normalization, into: image.slot(n, of: Float.self), width: width, height: height)
      names.append(sample.name)
      geometries.append(inInput)
      var back = inInput
      if let originals { (back.originalWidth, back.originalHeight) = originals[n] }
      geometry.append(back)
    }
    labels = [:]
    for (name, kind) in wanted {
      let given = samples.map { $0.labels[name] }
      precondition(
        given.allSatisfy { $0 == nil || $0!.kind == kind },
        "Batch: label '\(name)' of another kind than \(kind.rawValue)")
      labels[name] =
        switch kind {
        case .mask: .masks(given.map { $0?.mask }, geometries, height: height, width: width)
        case .boxes: .boxes(given.map { $0?.boxes }, geometries)
        case .depth, .normals, .map:
          .maps(kind, given.map { $0?.map }, geometries, height: height, width: width)
        case .category: .categories(given.map { $0?.category })
        }
    }
  }
}

extension BatchLabel {
  fileprivate static func masks(
    _ masks: [Image?], _ geometries: [Geometry], height: Int, width: Int
  ) -> BatchLabel {
    let values = Tensor(uninitialized: [masks.count, height, width], .uint8)
    let isLabelled = masks.enumerated().map { n, mask in
      let slot = values.slot(n, of: UInt8.self)
      guard let mask else {
        slot.initialize(repeating: 255)
        return false
      }
      mask.resized(width: geometries[n].contentWidth, height: geometries[n].contentHeight, .nearest)
        .padded(into: slot, width: width, height: height, value: 255)
      return slot.contains { $0 != 255 }
    }
    return BatchLabel(.mask, values, isLabelled: isLabelled)
  }

  fileprivate static func boxes(_ labels: [BoxLabel?], _ geometries: [Geometry]) -> BatchLabel {
    var (corners, classes) = ([Float](), [Int32]())
    for (n, label) in labels.enumerated() {
      for box in label?.boxes ?? [] {
        let inner = geometries[n].toInput(box)
        corners += [Float(n), inner.x1, inner.y1, inner.x2, inner.y2]
        classes.append(Int32(box.label))
      }
    }
    return BatchLabel(
      .boxes, Tensor(corners, shape: [classes.count, 5]),
      classes: Tensor(classes, shape: [classes.count]), isLabelled: labels.map { $0 != nil })
  }

  /// The maps of samples without one, and the padding, are unknown.
  fileprivate static func maps(
    _ kind: Label.Kind, _ maps: [DenseMap?], _ geometries: [Geometry], height: Int, width: Int
  ) -> BatchLabel {
    let channels = maps.lazy.compactMap { $0?.channels }.first ?? (kind == .normals ? 3 : 1)
    let unknown: Float = kind == .map ? .nan : 0
    let values = Tensor(repeating: Double(unknown), shape: [maps.count, height, width, channels])
    let isLabelled = maps.enumerated().map { n, map in
      guard let map else { return false }
      precondition(
        map.channels == channels, "Batch: maps of \(channels) and \(map.channels) channels")
      let slot = values.slot(n, of: Float.self)
      let moved = map.resized(
        width: geometries[n].contentWidth, height: geometries[n].contentHeight)
      for y in 0..<moved.height {
        let row = moved.width * channels
        for i in 0..<row { slot[y * width * channels + i] = moved.values[y * row + i] }
      }
      return moved.values.contains(where: kind.isKnown)
    }
    return BatchLabel(
      kind, kind == .depth ? values.reshaped([maps.count, height, width]) : values,
      isLabelled: isLabelled)
  }

  fileprivate static func categories(_ labels: [CategoryLabel?]) -> BatchLabel {
    BatchLabel(
      .category, Tensor(labels.map { Int32($0?.index ?? -1) }, shape: [labels.count]),
      isLabelled: labels.map { ($0?.index ?? -1) >= 0 })
  }

  /// The label of sample `n`, as in `Sample`.
  fileprivate func label(_ n: Int, height: Int, width: Int) -> Label? {
    guard isLabelled[n] else { return nil }
    func map() -> DenseMap {
      DenseMap(
        width: width, height: height, channels: values.count / (isLabelled.count * height * width),
        values: Array(values.slot(n, of: Float.self)))
    }
    switch kind {
    case .mask:
      return .mask(
        Image(
          width: width, height: height, channels: 1,
          pixels: Array(values.slot(n, of: UInt8.self))))
    case .boxes:
      let (corners, classes) = (values.array(of: Float.self), classes!.array(of: Int32.self))
      return .boxes(
        BoxLabel(
          classes.indices.filter { Int(corners[5 * $0]) == n }.map { m in
            BoundingBox(
              x1: corners[5 * m + 1], y1: corners[5 * m + 2], x2: corners[5 * m + 3],
              y2: corners[5 * m + 4], label: Int(classes[m]))
          }))
    case .depth: return .depth(map())
    case .normals: return .normals(map())
    case .map: return .map(map())
    case .category: return .category(CategoryLabel(Int(values.array(of: Int32.self)[n])))
    }
  }
}

extension Batch {
  /// Sample `n` as in the batch: pixels converted back to 8 bits, labels in input pixels.
  public func sample(_ n: Int, _ format: InputFormat) -> Sample {
    let (height, width) = (image.shape[1], image.shape[2])
    let values = image.slot(n, of: Float.self)
    let pixels = values.indices.map { k in
      let value = (values[k] * format.std[k % 3] + format.mean[k % 3]) * 255
      return UInt8(min(max(value.rounded(), 0), 255))
    }
    return Sample(
      name: names[n], image: Image(width: width, height: height, channels: 3, pixels: pixels),
      labels: labels.compactMapValues { $0.label(n, height: height, width: width) })
  }
}

extension InputFormat {
  fileprivate var normalization: Normalization { Normalization(mean: mean, std: std) }
}

extension Tensor {
  /// The elements of sample `n`.
  fileprivate func slot<T: TensorScalar>(_ n: Int, of type: T.Type) -> UnsafeMutableBufferPointer<T>
  {
    let size = shape.dropFirst().reduce(1, *)
    return UnsafeMutableBufferPointer(start: pointer(to: T.self) + n * size, count: size)
  }
}
