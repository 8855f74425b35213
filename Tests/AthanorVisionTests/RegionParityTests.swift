import AthanorCore
import AthanorKernels
import AthanorVision
import CppReference
import Testing

/// Distances and connected components of masks that are awkward in size and content.
@Suite("Regions against OpenCV", .serialized)
struct RegionParityTests {
  static let sizes = [
    (1, 1), (1, 7), (7, 1), (1, 300), (300, 1), (2, 2), (3, 3), (5, 4), (13, 17), (31, 33),
    (97, 101), (128, 2), (255, 129), (320, 241), (641, 480),
  ]

  /// Calls `body` with every size and content, at one thread, two and seven, and with rows that are
  /// further apart than they are long.
  static func sweep(seed: Int, sizes: [(Int, Int)] = sizes, _ body: (Mask) throws -> Void) throws {
    let threads = Threads.count
    defer {
      Threads.count = threads
      cppref_set_threads(Int32(threads))
    }
    for (i, size) in sizes.enumerated() {
      for content in MaskContent.allCases {
        var generator = Generator(seed, i, content.rawValue)
        let mask = Mask(
          content.image(size.0, size.1, &generator), padding: generator.integer(in: 0..<5),
          name: "\(content), seed \(seed)")
        for count in [1, 2, 7] {
          Threads.count = count
          cppref_set_threads(Int32(count))
          try body(mask)
        }
      }
    }
  }

  @Test("distance_transform equals OpenCV to the last bit")
  func distances() throws {
    try Self.sweep(seed: 21) { mask in
      let count = mask.width * mask.height
      var (ours, reference) = (
        [Float](repeating: -1, count: count), [Float](repeating: -2, count: count)
      )
      ours.withUnsafeMutableBufferPointer { ours in
        mask.withPixels { distanceTransform($0, into: ours.baseAddress!) }
      }
      try #require(mask.withReference { cppref_distance_transform($0, &reference) } == 0)
      let first = ours.indices.first { ours[$0].bitPattern != reference[$0].bitPattern }
      try #require(
        first == nil,
        "\(mask), at \(first!): \(ours[first!]), reference \(reference[first!])")
    }
  }

  @Test(
    "distance_transform follows OpenCV where its floats are no longer exact",
    arguments: [(2000, 37), (2001, 37), (5003, 11), (9001, 5), (4, 4111), (3, 9000), (1999, 1200)])
  func largeDistances(size: (Int, Int)) throws {
    try Self.sweep(seed: 22, sizes: [size]) { mask in
      var reference = [Float](repeating: -2, count: mask.width * mask.height)
      try #require(mask.withReference { cppref_distance_transform($0, &reference) } == 0)
      let ours = mask.image.distanceTransformed()
      let first = ours.indices.first { ours[$0].bitPattern != reference[$0].bitPattern }
      try #require(
        first == nil,
        "\(mask), at \(first!): \(ours[first!]), reference \(reference[first!])")
    }
  }

  @Test("connected_components: labels, boxes and areas", arguments: Connectivity.allCases)
  func components(connectivity: Connectivity) throws {
    try Self.sweep(seed: 23) { mask in
      let count = mask.width * mask.height
      var (ours, reference) = (
        [Int32](repeating: -1, count: count), [Int32](repeating: -2, count: count)
      )
      var stats = [Int32](repeating: 0, count: 5 * (count + 1))
      var parts: Int32 = 0
      let status = mask.withReference {
        cppref_connected_components(
          $0, Int32(connectivity.rawValue), &reference, &stats, Int32(count + 1), &parts)
      }
      try #require(status == 0)
      let components = ours.withUnsafeMutableBufferPointer { ours in
        mask.withPixels { connectedComponents($0, connectivity, into: ours.baseAddress!) }
      }
      let first = ours.indices.first { ours[$0] != reference[$0] }
      try #require(
        first == nil,
        "\(mask), at \(first!): \(ours[first!]), reference \(reference[first!])")
      try #require(components.count == Int(parts), "\(mask)")
      for (i, part) in components.enumerated() {
        try #require(
          [part.left, part.top, part.width, part.height, part.area]
            == Array(stats[(5 * i)..<(5 * i + 5)]), "\(mask): component \(i)")
      }
    }
  }

  @Test("components of every class", arguments: Connectivity.allCases)
  func classComponents(connectivity: Connectivity) throws {
    try Self.sweep(seed: 24) { mask in
      let capacity = mask.width * mask.height
      var rows = [Int32](repeating: 0, count: 6 * capacity)
      var parts: Int32 = 0
      let status = mask.withReference {
        cppref_class_components(
          $0, Int32(connectivity.rawValue), &rows, Int32(capacity), &parts)
      }
      try #require(status == 0)
      let components = mask.withPixels { componentsByClass($0, connectivity) }
      try #require(components.count == Int(parts), "\(mask)")
      for (i, (label, part)) in components.enumerated() {
        try #require(
          [Int32(label), part.left, part.top, part.width, part.height, part.area]
            == Array(rows[(6 * i)..<(6 * i + 6)]), "\(mask): component \(i)")
      }
    }
  }
}

/// What a generated mask holds: few values, so that regions form.
enum MaskContent: Int, CaseIterable {
  case random, sparse, dense, empty, full, checkerboard, hotPixel, coldPixel, blobs, holes, classes

  func image(_ width: Int, _ height: Int, _ generator: inout Generator) -> Image {
    var image = Image(width: width, height: height, channels: 1)
    let spot = generator.integer(in: 0..<(width * height))
    for i in image.pixels.indices {
      let (y, x) = i.quotientAndRemainder(dividingBy: width)
      switch self {
      case .random: image.pixels[i] = generator.chance(0.5) ? 0 : 255
      case .sparse: image.pixels[i] = generator.chance(0.05) ? 1 : 0
      case .dense: image.pixels[i] = generator.chance(0.02) ? 0 : 7
      case .empty, .blobs: image.pixels[i] = 0
      case .full, .holes: image.pixels[i] = 1
      case .checkerboard: image.pixels[i] = (x + y) % 2 == 0 ? 9 : 0
      case .hotPixel: image.pixels[i] = i == spot ? 255 : 0
      case .coldPixel: image.pixels[i] = i == spot ? 0 : 255
      case .classes:
        image.pixels[i] = generator.chance(0.6) ? UInt8(generator.integer(in: 0..<3)) : 255
      }
    }
    guard [.blobs, .holes, .classes].contains(self) else { return image }
    for _ in 0..<generator.integer(in: 1..<12) {
      let (x, y) = (generator.integer(in: 0..<width), generator.integer(in: 0..<height))
      let radius = generator.integer(in: 1..<max(2, min(width, height) / 3 + 2))
      let value = self == .holes ? 0 : UInt8(generator.integer(in: 1..<4))
      for v in max(0, y - radius)..<min(height, y + radius) {
        for u in max(0, x - radius)..<min(width, x + radius)
        where (u - x) * (u - x) + (v - y) * (v - y) < radius * radius {
          image.pixels[v * width + u] = value
        }
      }
    }
    return image
  }
}

/// A mask with rows that are further apart than they are long.
struct Mask: CustomStringConvertible {
  let image: Image
  let name: String
  private let stride: Int
  private var bytes: [UInt8]

  init(_ image: Image, padding: Int, name: String) {
    self.image = image
    self.name = name
    stride = image.width + padding
    bytes = [UInt8](repeating: 0xA5, count: stride * image.height)
    for y in 0..<image.height {
      bytes.replaceSubrange(
        (y * stride)..<(y * stride + width), with: image.pixels[(y * width)..<((y + 1) * width)])
    }
  }

  var width: Int { image.width }
  var height: Int { image.height }
  var description: String {
    "\(image) \(name), padding \(stride - width), \(Threads.count) threads"
  }

  func withPixels<R>(_ body: (Pixels) throws -> R) rethrows -> R {
    try bytes.withUnsafeBufferPointer {
      try body(
        Pixels(base: $0.baseAddress!, width: width, height: height, channels: 1, stride: stride))
    }
  }

  func withReference<R>(_ body: (cppref_image) throws -> R) rethrows -> R {
    try bytes.withUnsafeBufferPointer {
      try body(
        cppref_image(
          data: $0.baseAddress, width: Int32(width), height: Int32(height), channels: 1,
          stride: stride))
    }
  }
}
