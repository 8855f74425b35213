import AthanorCore
import AthanorVision
import Testing

/// Every augmentation moves every kind of label with the picture. Image and labels encode where
/// each pixel comes from, so that any two of them can be held against each other.
@Suite("Labels move with their picture")
struct MovingLabelsTests {
  static let (width, height) = (75, 60)

  /// Objects by label, on whole pixels.
  static let objects = [
    BoundingBox(x1: 5, y1: 4, x2: 25, y2: 20, label: 0),
    BoundingBox(x1: 40, y1: 10, x2: 70, y2: 50, label: 1),
    BoundingBox(x1: 10, y1: 45, x2: 14, y2: 58, label: 2),
    BoundingBox(x1: 0, y1: 0, x2: 75, y2: 60, label: 3),
  ]

  /// The options that make each augmentation act, and act on labels where it can.
  static func options(_ name: String) -> [[Settings.Entry]] {
    let always = Settings.Entry("probability", .number(1))
    switch name {
    case "gridmask":
      return [true, false].map {
        [
          always, .init("d_min", .integer(9)), .init("d_max", .integer(20)),
          .init("ignore", .bool($0)), .init("rotate", .integer(90)),
        ]
      }
    case "random_scale_crop":
      return [true, false].map { [always, .init("scale_depth", .bool($0))] }
    default: return [[always]]
    }
  }

  @Test(arguments: augmentations.names, Label.Kind.allCases)
  func everyKindOfLabel(name: String, kind: Label.Kind) throws {
    let sample = Painted.sample(kind)
    for options in Self.options(name) {
      let step = try augmentations.make(Selection(name, options), at: "augmentations")
      for seed in 0..<25 {
        var (a, b, c) = (Generator(seed), Generator(seed), Generator(seed))
        let moved = step.apply(to: sample, epoch: 300, using: &a)
        let again = step.apply(to: sample, epoch: 300, using: &b)
        #expect(moved.image == again.image && Painted.areEqual(moved.labels, again.labels))
        #expect(moved.labels.keys.sorted() == sample.labels.keys.sorted())
        // What other labels there are decides nothing.
        let alone = step.apply(to: sample.keeping(["a"]), epoch: 300, using: &c)
        #expect(alone.image == moved.image)
        #expect(Painted.areEqual(alone.labels, moved.labels.filter { $0.key == "a" }))
        try Painted.check(moved, kind, name, options, "\(name), seed \(seed)")
      }
    }
  }

  @Test("without a place for it, a label is unknown: probability 0 changes nothing")
  func noChange() throws {
    for name in augmentations.names {
      let step = try augmentations.make(
        Selection(name, [.init("probability", .number(0))]), at: "augmentations")
      for kind in Label.Kind.allCases {
        var generator = Generator(1)
        let sample = Painted.sample(kind)
        let same = step.apply(to: sample, epoch: 300, using: &generator)
        #expect(same.image == sample.image && Painted.areEqual(same.labels, sample.labels))
      }
    }
  }

  @Test("pixels of which nothing is known stay unknown", arguments: augmentations.names)
  func unknownStays(name: String) throws {
    let (width, height) = (Self.width, Self.height)
    let sample = Sample(
      name: "unknown", image: Image(width: width, height: height, channels: 3, filledWith: 50),
      mask: Image(width: width, height: height, channels: 1, filledWith: 255),
      depth: DenseMap(
        width: width, height: height, channels: 1, values: .init(repeating: 0, count: 75 * 60)),
      normals: DenseMap(
        width: width, height: height, channels: 3, values: .init(repeating: 0, count: 3 * 75 * 60)))
    for options in Self.options(name) {
      let step = try augmentations.make(Selection(name, options), at: "augmentations")
      for seed in 0..<5 {
        var generator = Generator(seed)
        let moved = step.apply(to: sample, epoch: 300, using: &generator)
        #expect(moved.mask == sample.mask && moved.depth == sample.depth)
        #expect(moved.normals == sample.normals)
      }
    }
  }
}

/// A picture that says of every pixel where it is, in each label's way.
private enum Painted {
  static let (width, height) = (MovingLabelsTests.width, MovingLabelsTests.height)

  /// The label `a` of a kind, beside the map `positions` of x and y.
  static func sample(_ kind: Label.Kind) -> Sample {
    let places = (0..<height).flatMap { y in (0..<width).map { (x: $0, y: y) } }
    func map(_ value: (Int, Int) -> [Float]) -> DenseMap {
      let values = places.map { value($0.x, $0.y) }
      return DenseMap(
        width: width, height: height, channels: values[0].count, values: values.flatMap(\.self))
    }
    let image = Image(
      width: width, height: height, channels: 3,
      pixels: places.flatMap { [UInt8(20 + 2 * $0.x), UInt8(20 + 3 * $0.y), 30] })
    let positions = map { [Float($0), Float($1)] }
    let label: Label =
      switch kind {
      case .mask:
        .mask(
          Image(
            width: width, height: height, channels: 1, pixels: places.map { maskValue($0.x, $0.y) })
        )
      case .boxes: .boxes(BoxLabel(MovingLabelsTests.objects))
      case .depth: .depth(map { [depth($0, $1)] })
      case .normals: .normals(map { normal($0, $1) })
      case .map: .map(positions)
      case .category: .category(CategoryLabel(4))
      }
    return Sample(
      name: "painted", image: image, labels: ["a": label, "positions": .map(positions)])
  }

  static func maskValue(_ x: Int, _ y: Int) -> UInt8 { UInt8(x % 15 + 15 * (y % 15)) }

  static func depth(_ x: Int, _ y: Int) -> Float { Float(1 + x + width * y) }

  static func normal(_ x: Int, _ y: Int) -> [Float] {
    let (a, b) = (0.1 + 0.5 * Float(x) / Float(width), 0.1 + 0.5 * Float(y) / Float(height))
    return [a, b, (1 - a * a - b * b).squareRoot()]
  }

  /// Equal, NaN to NaN.
  static func areEqual(_ a: [String: Label], _ b: [String: Label]) -> Bool {
    a.count == b.count
      && a.allSatisfy { name, label in
        guard let other = b[name], label.kind == other.kind else { return false }
        guard let map = label.map, let second = other.map else { return label == other }
        return (map.width, map.height, map.channels)
          == (second.width, second.height, second.channels)
          && map.values.map(\.bitPattern) == second.values.map(\.bitPattern)
      }
  }

  /// Where the pixels of a picture come from.
  struct Positions {
    let map: DenseMap

    /// The pixel's source; nil where the picture shows nothing.
    func callAsFunction(_ x: Int, _ y: Int) -> (x: Int, y: Int)? {
      let start = 2 * (y * width + x)
      guard map.values[start].isFinite else { return nil }
      return (Int(map.values[start]), Int(map.values[start + 1]))
    }

    /// What takes source columns to columns, or rows to rows: the line through the outermost known
    /// pixels, in pixel edges.
    func line(isX: Bool) -> (factor: Float, offset: Float) {
      var (first, last): ((Int, Int)?, (Int, Int)?) = (nil, nil)
      for i in 0..<(isX ? width : height) {
        for j in 0..<(isX ? height : width) {
          guard let source = isX ? self(i, j) : self(j, i) else { continue }
          let pair = (isX ? source.x : source.y, i)
          if first == nil { first = pair }
          last = pair
          break
        }
      }
      let (a, b) = (first!, last!)
      let span = abs(b.0 - a.0) + 1
      let sign: Float = b.0 >= a.0 ? 1 : -1
      let factor = sign * Float(b.1 - a.1 + 1) / Float(span)
      return (factor, Float(a.1) - factor * (Float(a.0) + (sign < 0 ? 1 : 0)))
    }
  }

  static func check(
    _ moved: Sample, _ kind: Label.Kind, _ name: String, _ options: [Settings.Entry],
    _ what: String
  ) throws {
    let map = try #require(moved.labels["positions"]?.map)
    let positions = Positions(map: map)
    let (alongX, alongY) = (positions.line(isX: true), positions.line(isX: false))
    let label = try #require(moved.labels["a"])
    #expect(label.kind == kind)
    var wrong = 0
    var (hidden, factors) = (0, [Float]())
    for y in 0..<height {
      for x in 0..<width {
        let p = y * width + x
        let source = positions(x, y)
        if source == nil { hidden += 1 }
        let isRight: Bool =
          switch label {
          case .mask(let mask): mask.pixels[p] == source.map { maskValue($0.x, $0.y) } ?? 255
          case .depth(let depths):
            if let source {
              depths.values[p] > 0
                && {
                  factors.append(depth(source.x, source.y) / depths.values[p])
                  return true
                }()
            } else {
              depths.values[p] == 0
            }
          case .normals(let vectors):
            zip(
              vectors.values[(3 * p)..<(3 * p + 3)],
              source.map { source -> [Float] in
                let vector = normal(source.x, source.y)
                return [
                  alongX.factor < 0 ? -vector[0] : vector[0],
                  alongY.factor < 0 ? -vector[1] : vector[1], vector[2],
                ]
              } ?? [0, 0, 0]
            ).allSatisfy { $0 == $1 }
          case .map(let others):
            (0..<2).allSatisfy {
              others.values[2 * p + $0].bitPattern == map.values[2 * p + $0].bitPattern
            }
          case .boxes, .category: true
          }
        if !isRight || !isImageRight(moved.image, x, y, source, name, options) { wrong += 1 }
      }
    }
    #expect(wrong == 0, "\(what): \(wrong) pixels")
    // Some pictures show nothing in places, others do not.
    let hides = ["random_erasing", "random_scale_crop"].contains(name) || ignores(options)
    #expect(hides || hidden == 0, "\(what): \(hidden) pixels are unknown")
    switch label {
    case .depth:
      let least = factors.min()!, most = factors.max()!
      #expect(most - least < 1e-4 * most, "\(what): depths divided by \(least)…\(most)")
      let zoom = (abs(alongX.factor) + abs(alongY.factor)) / 2
      let expected = options.contains(.init("scale_depth", .bool(false))) ? 1 : zoom
      #expect(abs(most / expected - 1) < 0.06, "\(what): \(most) for a zoom of \(expected)")
    case .boxes(let label): checkBoxes(label, moved, positions, name, what)
    case .category(let label): #expect(label.index == 4)
    default: break
    }
  }

  private static func ignores(_ options: [Settings.Entry]) -> Bool {
    options.contains(.init("ignore", .bool(true)))
  }

  /// Whether the image shows at a pixel what lies at its source: as closely as half a pixel of
  /// either, since images are interpolated and labels are not.
  private static func isImageRight(
    _ image: Image, _ x: Int, _ y: Int, _ source: (x: Int, y: Int)?, _ name: String,
    _ options: [Settings.Entry]
  ) -> Bool {
    let pixel = Array(image.pixels[(3 * (y * width + x))..<(3 * (y * width + x) + 3)])
    let isNeutral = pixel == [124, 116, 104]
    // Colours that are changed tell no place.
    if ["color_jitter", "gaussian_noise"].contains(name) { return source != nil }
    // Squares that are dropped are shown as such; whether labels still count there is an option.
    if name == "gridmask", !ignores(options) { return source != nil }
    guard let source else { return isNeutral }
    guard !isNeutral else { return false }
    let (ownX, ownY) = ((Float(pixel[0]) - 20) / 2, (Float(pixel[1]) - 20) / 3)
    return abs(ownX - Float(source.x)) <= 2 && abs(ownY - Float(source.y)) <= 2
  }

  /// Boxes lie where the picture shows their objects, and are dropped where it does not.
  private static func checkBoxes(
    _ label: BoxLabel, _ moved: Sample, _ positions: Positions, _ name: String, _ what: String
  ) {
    let (alongX, alongY) = (positions.line(isX: true), positions.line(isX: false))
    for object in MovingLabelsTests.objects {
      func ends(_ low: Float, _ high: Float, _ line: (factor: Float, offset: Float)) -> [Float] {
        [low * line.factor + line.offset, high * line.factor + line.offset].sorted()
      }
      let (x, y) = (ends(object.x1, object.x2, alongX), ends(object.y1, object.y2, alongY))
      let visible =
        (0..<(width * height)).count { p in
          positions(p % width, p / width).map { source in
            (object.x1..<object.x2).contains(Float(source.x))
              && (object.y1..<object.y2).contains(Float(source.y))
          } ?? false
        }
      let share = Float(visible) / ((x[1] - x[0]) * (y[1] - y[0]))
      let found = label.boxes.filter { $0.label == object.label }
      #expect(found.count <= 1)
      guard let box = found.first else {
        let canDrop = ["random_erasing", "random_scale_crop"].contains(name)
        #expect(canDrop && share < 0.32, "\(what): object \(object.label) of \(share) is gone")
        continue
      }
      #expect(name == "gridmask" || share > 0.18, "\(what): object \(object.label) of \(share)")
      // The line is as exact as the outermost pixels: of one of 30 pixels shown at 75.
      let slack = max(1, 1.5 * abs(alongX.factor), 1.5 * abs(alongY.factor))
      let expected = [x[0], y[0], x[1], y[1]].enumerated().map {
        min(max($1, 0), Float($0 % 2 == 0 ? width : height))
      }
      let edges = [box.x1, box.y1, box.x2, box.y2]
      #expect(
        zip(edges, expected).allSatisfy { abs($0 - $1) <= slack },
        "\(what): \(edges) for \(expected)")
    }
    #expect(label.annotations == nil && label.scores == nil)
  }
}
