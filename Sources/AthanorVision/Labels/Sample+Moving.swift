import AthanorCore

/// A part of an image and the part of a canvas that it is resized to.
struct Window: Equatable {
  typealias Part = (x: Int, y: Int, width: Int, height: Int)
  /// The part of the source.
  var from: Part
  /// The part of the canvas.
  var to: Part
  var canvas: (width: Int, height: Int)

  static func == (a: Window, b: Window) -> Bool {
    a.from == b.from && a.to == b.to && a.canvas == b.canvas
  }

  /// The whole of an image at another size.
  static func whole(_ width: Int, _ height: Int, to size: (width: Int, height: Int)) -> Window {
    Window(from: (0, 0, width, height), to: (0, 0, size.width, size.height), canvas: size)
  }

  func apply(to image: Image, _ interpolation: Interpolation, around value: [UInt8]) -> Image {
    Image(width: canvas.width, height: canvas.height, channels: image.channels) { dst in
      image.withPixels { src in
        if to.width < dst.width || to.height < dst.height {
          fill(dst, with: Array(value.prefix(image.channels)))
        }
        resize(
          src.cropped(x: from.x, y: from.y, width: from.width, height: from.height),
          into: dst.cropped(x: to.x, y: to.y, width: to.width, height: to.height), interpolation)
      }
    }
  }

  /// The map's nearest values; `outside` around them.
  func apply(to map: DenseMap, outside: Float) -> DenseMap {
    var values = [Float](
      repeating: outside, count: canvas.width * canvas.height * map.channels)
    let columns = nearestSources(from: from.width, to: to.width).map { from.x + $0 }
    let rows = nearestSources(from: from.height, to: to.height).map { (from.y + $0) * map.width }
    for (y, row) in rows.enumerated() {
      let start = (to.y + y) * canvas.width + to.x
      for (x, column) in columns.enumerated() {
        for c in 0..<map.channels {
          values[(start + x) * map.channels + c] = map.values[(row + column) * map.channels + c]
        }
      }
    }
    return DenseMap(
      width: canvas.width, height: canvas.height, channels: map.channels, values: values)
  }

  func apply(to box: BoundingBox) -> BoundingBox {
    let scaleX = Float(to.width) / Float(from.width)
    let scaleY = Float(to.height) / Float(from.height)
    return BoundingBox(
      x1: (box.x1 - Float(from.x)) * scaleX + Float(to.x),
      y1: (box.y1 - Float(from.y)) * scaleY + Float(to.y),
      x2: (box.x2 - Float(from.x)) * scaleX + Float(to.x),
      y2: (box.y2 - Float(from.y)) * scaleY + Float(to.y), label: box.label)
  }
}

/// Geometric changes, of the image and every label together. Masks and maps are sampled by nearest
/// neighbour; annotations of objects other than their boxes are dropped.
extension Sample {
  func flipped(_ axis: FlipAxis) -> Sample {
    moved(image.flipped(axis)) { $0.flipped(axis, width: image.width, height: image.height) }
  }

  /// The part in `window`; around it the image has the mean colour, and labels are unknown.
  ///
  /// - Parameters:
  ///   - visibility: The share of a box that must be left.
  ///   - depthFactor: Depths are divided by it: enlarged objects appear nearer.
  func cut(to window: Window, visibility: Double, depthFactor: Double) -> Sample {
    moved(window.apply(to: image, .linear, around: neutralColor)) { label in
      switch label.resized(by: window) {
      case .boxes(let moved):
        .boxes(
          BoxLabel(
            moved.boxes.clipped(
              width: window.canvas.width, height: window.canvas.height, visibility: visibility)))
      case .depth(var map) where depthFactor != 1:
        {
          for i in map.values.indices { map.values[i] /= Float(depthFactor) }
          return .depth(map)
        }()
      case let other: other
      }
    }
  }

  /// The sample at another size.
  public func resized(width: Int, height: Int, _ interpolation: Interpolation) -> Sample {
    let window = Window.whole(image.width, image.height, to: (width, height))
    return moved(image.resized(width: width, height: height, interpolation)) {
      $0.resized(by: window)
    }
  }

  /// The sample with another image, and each label moved accordingly.
  private func moved(_ image: Image, _ move: (Label) -> Label) -> Sample {
    Sample(name: name, image: image, labels: labels.mapValues(move))
  }
}

extension Label {
  fileprivate func resized(by window: Window) -> Label {
    switch self {
    case .mask(let mask): .mask(window.apply(to: mask, .nearest, around: [255]))
    case .boxes(let label):
      .boxes(BoxLabel(label.boxes.map(window.apply), scores: label.scores))
    case .depth(let map): .depth(window.apply(to: map, outside: 0))
    case .normals(let map): .normals(window.apply(to: map, outside: 0))
    case .map(let map): .map(window.apply(to: map, outside: .nan))
    case .category: self
    }
  }

  fileprivate func flipped(_ axis: FlipAxis, width: Int, height: Int) -> Label {
    let (isX, isY) = (axis != .vertical, axis != .horizontal)
    switch self {
    case .mask(let mask): return .mask(mask.flipped(axis))
    case .boxes(let label):
      let (width, height) = (Float(width), Float(height))
      return .boxes(
        BoxLabel(
          label.boxes.map { box in
            BoundingBox(
              x1: isX ? width - box.x2 : box.x1, y1: isY ? height - box.y2 : box.y1,
              x2: isX ? width - box.x1 : box.x2, y2: isY ? height - box.y1 : box.y2,
              label: box.label)
          }))
    case .depth(let map): return .depth(map.flipped(isX, isY))
    case .map(let map): return .map(map.flipped(isX, isY))
    case .normals(let map):
      // The normals of a mirrored surface are mirrored.
      var flipped = map.flipped(isX, isY)
      for start in stride(from: 0, to: flipped.values.count, by: 3) {
        if isX { flipped.values[start] = 0 - flipped.values[start] }
        if isY { flipped.values[start + 1] = 0 - flipped.values[start + 1] }
      }
      return .normals(flipped)
    case .category: return self
    }
  }
}

extension DenseMap {
  fileprivate func flipped(_ isX: Bool, _ isY: Bool) -> DenseMap {
    var flipped = self
    for y in 0..<height {
      let row = (isY ? height - 1 - y : y) * width
      for x in 0..<width {
        let source = row + (isX ? width - 1 - x : x)
        for c in 0..<channels {
          flipped.values[(y * width + x) * channels + c] = values[source * channels + c]
        }
      }
    }
    return flipped
  }
}

/// Changes that cover parts of an image.
extension Sample {
  /// Covers a rectangle with a colour: labels become unknown under it, and boxes with a smaller
  /// share than `visibility` uncovered are dropped.
  func erased(
    _ x: Range<Int>, _ y: Range<Int>, value: [UInt8], visibility: Double
  ) -> Sample {
    func cover(_ pixels: MutablePixels, _ value: [UInt8]) {
      erase(
        pixels, x: x.lowerBound, y: y.lowerBound, width: x.count, height: y.count, value: value)
    }
    var sample = self
    sample.image.withMutablePixels { cover($0, value) }
    sample.labels = labels.mapValues { label in
      if case .boxes(let label) = label {
        return .boxes(BoxLabel(label.boxes.uncovered(by: x, y, visibility: visibility)))
      }
      return label.forgetting { cover($0, [255]) }
    }
    return sample
  }

  /// Labels become unknown at the pixels that `cover` sets to 255; boxes are unchanged.
  mutating func forget(under cover: (MutablePixels) -> Void) {
    labels = labels.mapValues { $0.forgetting(cover) }
  }
}

extension Label {
  /// The label with the pixels that `cover` sets to 255 unknown.
  fileprivate func forgetting(_ cover: (MutablePixels) -> Void) -> Label {
    func covered(_ map: DenseMap, _ unknown: Float) -> DenseMap {
      var (map, hidden) = (map, Image(width: map.width, height: map.height, channels: 1))
      hidden.withMutablePixels(cover)
      for (i, pixel) in hidden.pixels.enumerated() where pixel == 255 {
        for c in 0..<map.channels { map.values[i * map.channels + c] = unknown }
      }
      return map
    }
    switch self {
    case .mask(var mask):
      mask.withMutablePixels(cover)
      return .mask(mask)
    case .depth(let map): return .depth(covered(map, 0))
    case .normals(let map): return .normals(covered(map, 0))
    case .map(let map): return .map(covered(map, .nan))
    case .boxes, .category: return self
    }
  }
}
