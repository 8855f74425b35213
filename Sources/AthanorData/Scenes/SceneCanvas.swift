import AthanorCore
import AthanorVision

/// A shape with its position and surface.
struct SceneObject: Sendable {
  var shape: SceneShape
  var center: SIMD2<Float>
  /// Of the circle around the shape, pixels.
  var radius: Float
  /// Radians.
  var angle: Float
  var texture: SceneTexture
}

/// The picture being painted: colours, which object each pixel shows, and how far away that is.
struct SceneCanvas {
  let width: Int
  let height: Int
  private var colors: [SIMD3<Float>]
  /// One more than the index of the visible object, 0 for background.
  private var owners: [UInt8]
  private(set) var relief: SceneRelief
  private var shapes: [SceneShape] = []
  /// Pixels of each object without occlusion.
  private var whole: [Int] = []
  private var visible: [Int] = []

  /// The smallest visible share of an object, and the smallest number of its visible pixels.
  private static let leastShare = 0.55
  private static let leastPixels = 30

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    colors = Array(repeating: .zero, count: width * height)
    owners = Array(repeating: 0, count: width * height)
    relief = SceneRelief(width: width, height: height)
  }

  mutating func paintBackground(_ generator: inout Generator) {
    let unit = Double(min(width, height)) / 128
    func tone(_ generator: inout Generator) -> SIMD3<Float> {
      color(
        hue: generator.uniform(), saturation: generator.uniform(0, 0.3),
        value: generator.uniform(0.2, 0.8))
    }
    let base = tone(&generator)
    let first = SceneTexture(
      from: base, to: tone(&generator), period: (6 * unit)...(40 * unit), &generator)
    let second = SceneTexture(
      from: base, to: tone(&generator), period: (3 * unit)...(12 * unit), &generator)
    let mix = Float(generator.uniform(0, 0.4))
    let center = SIMD2(Float(width), Float(height)) / 2
    let extent = Float(max(width, height))
    for y in 0..<height {
      for x in 0..<width {
        let point = SIMD2(Float(x) + 0.5, Float(y) + 0.5) - center
        let a = first.color(point, extent: extent)
        let b = second.color(point, extent: extent)
        colors[y * width + x] = a + (b - a) * mix
      }
    }
  }

  /// Paints an object over the others; false, and nothing is painted, where that would hide one too
  /// much.
  mutating func add(_ object: SceneObject) -> Bool {
    guard shapes.count < 255 else { return false }
    let reach = object.radius + 1.5
    let columns = range(object.center.x, reach, width)
    let rows = range(object.center.y, reach, height)
    let (c, s) = (
      Float(cosine(Double(object.angle))), Float(cosine(Double(object.angle) - .pi / 2))
    )
    var distances: [Float] = []
    distances.reserveCapacity(columns.count * rows.count)
    var inside = 0
    var hidden = [Int](repeating: 0, count: shapes.count + 1)
    for y in rows {
      for x in columns {
        let offset = SIMD2(Float(x) + 0.5, Float(y) + 0.5) - object.center
        let turned = SIMD2(c * offset.x + s * offset.y, c * offset.y - s * offset.x)
        let distance = object.shape.distance(turned / object.radius) * object.radius
        distances.append(distance)
        if distance < 0 {
          inside += 1
          hidden[Int(owners[y * width + x])] += 1
        }
      }
    }
    guard inside >= Self.leastPixels else { return false }
    for other in shapes.indices {
      let left = visible[other] - hidden[other + 1]
      guard
        hidden[other + 1] == 0
          || (Double(left) >= Self.leastShare * Double(whole[other]) && left >= Self.leastPixels)
      else { return false }
    }
    for other in shapes.indices { visible[other] -= hidden[other + 1] }
    shapes.append(object.shape)
    whole.append(inside)
    visible.append(inside)
    paint(object, distances, columns, rows)
    return true
  }

  private mutating func paint(
    _ object: SceneObject, _ distances: [Float], _ columns: Range<Int>, _ rows: Range<Int>
  ) {
    var i = 0
    var inner: [Int] = []
    for y in rows {
      for x in columns {
        let distance = distances[i]
        i += 1
        // The share of the pixel that the shape covers.
        let cover = min(max(0.5 - distance, 0), 1)
        guard cover > 0 else { continue }
        let offset = SIMD2(Float(x) + 0.5, Float(y) + 0.5) - object.center
        // Darker towards the outline and the lower right, as if lit from above.
        let light =
          1 - 0.18 * (offset.x + offset.y) / (2 * object.radius)
          - 0.25 * max(0, 1 + distance / 2.5)
        let paint = object.texture.color(offset, extent: 2 * object.radius) * light
        let p = y * width + x
        colors[p] += (paint - colors[p]) * cover
        guard distance < 0 else { continue }
        owners[p] = UInt8(shapes.count)
        inner.append(p)
      }
    }
    relief.add(object, covering: inner)
  }

  private func range(_ center: Float, _ reach: Float, _ limit: Int) -> Range<Int> {
    let low = min(max(0, Int((center - reach).rounded(.down))), limit)
    return low..<max(low, min(limit, Int((center + reach).rounded(.up)) + 1))
  }

  /// Class indices, crisp.
  var mask: Image {
    let table = [0] + shapes.map { UInt8($0.rawValue + 1) }
    return Image(
      width: width, height: height, channels: 1, pixels: owners.map { table[Int($0)] })
  }

  /// The shape that covers the most pixels, of several the first; nil where there is none.
  var mainShape: SceneShape? {
    var pixels = [Int](repeating: 0, count: SceneShape.allCases.count)
    for (shape, count) in zip(shapes, visible) { pixels[shape.rawValue] += count }
    let most = pixels.max() ?? 0
    return SceneShape.allCases.first { most > 0 && pixels[$0.rawValue] == most }
  }

  /// A box around what is visible of each object, in order of painting.
  var visibleBoxes: [BoundingBox] {
    var boxes = shapes.map {
      BoundingBox(
        x1: Float(width), y1: Float(height), x2: 0, y2: 0, label: $0.rawValue)
    }
    for y in 0..<height {
      for x in 0..<width {
        let owner = Int(owners[y * width + x])
        guard owner > 0 else { continue }
        boxes[owner - 1].x1 = min(boxes[owner - 1].x1, Float(x))
        boxes[owner - 1].y1 = min(boxes[owner - 1].y1, Float(y))
        boxes[owner - 1].x2 = max(boxes[owner - 1].x2, Float(x + 1))
        boxes[owner - 1].y2 = max(boxes[owner - 1].y2, Float(y + 1))
      }
    }
    return boxes
  }

  /// The photograph: slightly blurred half of the time, with noise.
  func developed(noise: Double, _ generator: inout Generator) -> Image {
    let blur = generator.chance(0.5) ? Float(generator.uniform(0.05, 0.25)) : 0
    let sigma = Float(generator.uniform(0.2, 1) * noise)
    let smoothed = blur > 0 ? blurred(side: blur) : colors
    var pixels = [UInt8](repeating: 0, count: 3 * width * height)
    for i in smoothed.indices {
      // The sum of three uniform numbers, 21 bits of one draw each: close to normal.
      for channel in 0..<3 {
        let bits = generator.next()
        let sum =
          Float(bits & 0x1F_FFFF) + Float(bits >> 21 & 0x1F_FFFF) + Float(bits >> 42 & 0x1F_FFFF)
        let value = smoothed[i][channel] + sigma * (sum * 0x1p-20 - 3)
        pixels[3 * i + channel] = UInt8(min(max(value.rounded(), 0), 255))
      }
    }
    return Image(width: width, height: height, channels: 3, pixels: pixels)
  }

  /// Weights (side, 1 − 2·side, side) along both axes, borders repeated.
  private func blurred(side: Float) -> [SIMD3<Float>] {
    let middle = 1 - 2 * side
    var across = colors
    for y in 0..<height {
      let row = y * width
      for x in 0..<width {
        let pair = colors[row + max(0, x - 1)] + colors[row + min(width - 1, x + 1)]
        across[row + x] = colors[row + x] * middle + pair * side
      }
    }
    var down = across
    for y in 0..<height {
      let (above, below) = (max(0, y - 1) * width, min(height - 1, y + 1) * width)
      for x in 0..<width {
        down[y * width + x] =
          across[y * width + x] * middle + (across[above + x] + across[below + x]) * side
      }
    }
    return down
  }
}
