import AthanorCore
import AthanorKernels
import AthanorVision
import CppReference
import Testing

/// Pairs of our output and OpenCV's over generated images of awkward sizes and contents.
@Suite("Ops against OpenCV", .serialized)
struct OpParityTests {
  static let sizes = [
    (1, 1), (1, 7), (7, 1), (2, 2), (3, 3), (5, 4), (13, 17), (31, 33), (64, 48), (97, 101),
    (128, 2), (255, 129), (320, 241),
  ]

  @Test("resize", arguments: Interpolation.allCases)
  func resize(interpolation: Interpolation) throws {
    let code = [Interpolation.nearest: 0, .linear: 1, .area: 2, .cubic: 3][interpolation]!
    try Case.sweep(channels: [1, 3, 4], seed: 1) { image, generator in
      let targets =
        [
          (image.width, image.height), (1, 1), (image.width * 2, image.height * 2),
          (max(1, image.width / 2), max(1, image.height / 2)),
          (max(1, image.width / 3), max(1, image.height / 3)), (image.width + 1, image.height),
        ] + (0..<4).map { _ in (generator.integer(in: 1..<300), generator.integer(in: 1..<200)) }
      return targets.map { width, height in
        Case("\(width)×\(height)", (width, height, image.channels)) {
          cppref_resize($0, $1, Int32(code))
        } ours: {
          AthanorVision.resize($0, into: $1, interpolation)
        }
      }
    }
  }

  @Test(
    "resize where both weights of a tap are rounded up", arguments: [(5, 13943), (3, 13259)])
  func resizeRounding(from: Int, to: Int) throws {
    let image = randomImage(width: from, height: 4, channels: 1, seed: from)
    for (source, width, height) in [(image, to, 4), (image.transposed(), 4, to)] {
      let ours = source.resized(width: width, height: height)
      var reference = [UInt8](repeating: 0, count: width * height)
      let status = source.pixels.withUnsafeBufferPointer { src in
        reference.withUnsafeMutableBufferPointer { dst in
          cppref_resize(
            cppref_image(
              data: src.baseAddress, width: Int32(source.width), height: Int32(source.height),
              channels: 1, stride: source.width),
            cppref_output(
              data: dst.baseAddress, width: Int32(width), height: Int32(height), channels: 1,
              stride: width), 1)
        }
      }
      #expect(status == 0)
      #expect(ours.pixels == reference)
    }
  }

  @Test("flip", arguments: FlipAxis.allCases)
  func flip(axis: FlipAxis) throws {
    let code = [FlipAxis.horizontal: 1, .vertical: 0, .both: -1][axis]!
    try Case.sweep(channels: [1, 3, 4], seed: 2) { image, _ in
      [
        Case("", image.shape) {
          cppref_flip($0, $1, Int32(code))
        } ours: {
          AthanorVision.flip($0, axis, into: $1)
        }
      ]
    }
  }

  @Test("crop and border")
  func borders() throws {
    try Case.sweep(channels: [1, 3, 4], seed: 3) { image, generator in
      let width = generator.integer(in: 1..<(image.width + 1))
      let height = generator.integer(in: 1..<(image.height + 1))
      let x = generator.integer(in: 0..<(image.width - width + 1))
      let y = generator.integer(in: 0..<(image.height - height + 1))
      let value = (0..<image.channels).map { _ in UInt8(generator.integer(in: 0..<256)) }
      return [
        Case("crop \(x),\(y)", (width, height, image.channels)) {
          cppref_crop($0, $1, Int32(x), Int32(y))
        } ours: {
          AthanorVision.copy($0.cropped(x: x, y: y, width: width, height: height), into: $1)
        },
        Case("border \(x),\(y)", (image.width + x + 3, image.height + y, image.channels)) {
          cppref_border($0, $1, Int32(x), Int32(y), value)
        } ours: {
          AthanorVision.border($0, into: $1, x: x, y: y, value: value)
        },
      ]
    }
  }

  @Test("letterbox", arguments: [Interpolation.nearest, .linear])
  func letterbox(interpolation: Interpolation) throws {
    let code: Int32 = interpolation == .nearest ? 0 : 1
    try Case.sweep(channels: [1, 3], seed: 4) { image, generator in
      let value = (0..<image.channels).map { _ in UInt8(generator.integer(in: 0..<256)) }
      return [(64, 64), (97, 31), (1, 1), (300, 200)].map { width, height in
        Case("\(width)×\(height)", (width, height, image.channels)) {
          cppref_letterbox($0, $1, code, value)
        } ours: {
          AthanorVision.letterbox($0, into: $1, interpolation, value: value)
        }
      }
    }
  }

  @Test("gray")
  func gray() throws {
    try Case.sweep(channels: [3], seed: 5) { image, _ in
      [
        Case("", (image.width, image.height, 1)) {
          cppref_gray($0, $1)
        } ours: {
          AthanorVision.gray($0, into: $1)
        }
      ]
    }
  }

  @Test("convert_scale")
  func convertScale() throws {
    try Case.sweep(channels: [1, 3, 4], seed: 6) { image, generator in
      let random = (0..<6).map { _ in
        (generator.uniform(-3, 3), generator.uniform(-300, 300))
      }
      return ([(1, 0), (1, 10), (0.5, 0), (1.5, 0.5), (0, 128), (-1, 255), (1e9, -1e9)] + random)
        .map { alpha, beta in
          Case("\(alpha), \(beta)", image.shape) {
            cppref_convert_scale($0, $1, alpha, beta)
          } ours: {
            AthanorVision.convertScale($0, into: $1, alpha: alpha, beta: beta)
          }
        }
    }
  }

  @Test("saturation")
  func saturation() throws {
    try Case.sweep(channels: [3], seed: 7) { image, generator in
      ([0, 1, -1, 0.5, -0.5, 0.99] + [Float(generator.uniform(-1, 1))]).map { amount in
        Case("\(amount)", image.shape) {
          cppref_saturation($0, $1, amount)
        } ours: {
          AthanorVision.saturate($0, into: $1, amount: amount)
        }
      }
    }
  }

  @Test("gaussian_blur")
  func gaussianBlur() throws {
    try Case.sweep(channels: [1, 3, 4], seed: 8) { image, generator in
      [(1, 0), (3, 0), (5, 0), (7, 0), (9, 0), (3, 0.6), (5, 1.1), (11, 2.3), (21, 0)].map {
        size, sigma in
        Case("\(size), \(sigma)", image.shape) {
          cppref_gaussian_blur($0, $1, Int32(size), sigma)
        } ours: {
          AthanorVision.gaussianBlur($0, into: $1, size: size, sigma: sigma)
        }
      }
    }
  }

  @Test("label_map and its inverse")
  func labels() throws {
    try Case.sweep(channels: [1], seed: 9) { image, generator in
      let palette = (0..<768).map { _ in UInt8(generator.integer(in: 0..<256)) }
      return [
        Case("colorize", (image.width, image.height, 3)) {
          cppref_colorize($0, $1, palette)
        } ours: { src, dst in
          let mask = Image(copying: src)
          let colored = mask.colored(palette: palette)
          colored.withPixels { AthanorVision.copy($0, into: dst) }
        }
      ]
    }
    try Case.sweep(channels: [3], seed: 10) { image, generator in
      let count = generator.integer(in: 1..<100)
      var palette = (0..<(3 * count)).map { _ in UInt8(generator.integer(in: 0..<256)) }
      palette.replaceSubrange(0..<3, with: image.pixels[0..<3])
      let colors = palette
      return [
        Case("label_map", (image.width, image.height, 1)) {
          cppref_label_map($0, $1, colors, Int32(count), nil, nil)
        } ours: {
          AthanorVision.labelMap($0, into: $1, ColorMap(palette: colors, count: count))
        }
      ]
    }
  }
}

@Suite("Ops without a byte output")
struct OtherOpTests {
  @Test("normalize equals OpenCV to the last bit", arguments: [1, 3])
  func normalize(channels: Int) {
    let statistics = Normalization(
      mean: Array(Normalization.imageNet.mean.prefix(channels)),
      std: Array(Normalization.imageNet.std.prefix(channels)))
    for (i, size) in OpParityTests.sizes.enumerated() {
      let image = randomImage(width: size.0, height: size.1, channels: channels, seed: i)
      let (width, height) = (size.0 + i % 3, size.1 + i % 4)
      var ours = [Float](repeating: .nan, count: width * height * channels)
      var reference = ours
      ours.withUnsafeMutableBufferPointer {
        image.normalized(statistics, into: $0, width: width, height: height)
      }
      let status = image.pixels.withUnsafeBufferPointer { pixels in
        let source = cppref_image(
          data: pixels.baseAddress, width: Int32(size.0), height: Int32(size.1),
          channels: Int32(channels), stride: size.0 * channels)
        return cppref_normalize(
          source, &reference, Int32(width), Int32(height), statistics.mean, statistics.std)
      }
      #expect(status == 0)
      let first = ours.indices.first { ours[$0].bitPattern != reference[$0].bitPattern }
      #expect(
        first == nil,
        "\(image) into \(width)×\(height), at \(first!): \(ours[first!]), \(reference[first!])")
    }
  }

  @Test("letterbox and normalize at once equal OpenCV to the last bit", arguments: [1, 3])
  func letterboxNormalize(channels: Int) {
    let statistics = Normalization(
      mean: Array(Normalization.imageNet.mean.prefix(channels)),
      std: Array(Normalization.imageNet.std.prefix(channels)))
    let value = [UInt8](repeating: 114, count: channels)
    for (i, size) in OpParityTests.sizes.enumerated() {
      let image = randomImage(width: size.0, height: size.1, channels: channels, seed: i)
      for (width, height) in [(1, 1), (64, 64), (97, 31), (300, 200), (5, 301)] {
        var ours = [Float](repeating: .nan, count: width * height * channels)
        var reference = ours
        ours.withUnsafeMutableBufferPointer { ours in
          _ = image.withPixels {
            AthanorVision.letterboxNormalize(
              $0, .linear, value: value, statistics, into: ours.baseAddress!, width: width,
              height: height)
          }
        }
        let status = image.pixels.withUnsafeBufferPointer { pixels in
          let source = cppref_image(
            data: pixels.baseAddress, width: Int32(size.0), height: Int32(size.1),
            channels: Int32(channels), stride: size.0 * channels)
          return cppref_letterbox_normalize(
            source, &reference, Int32(width), Int32(height), 1, value, statistics.mean,
            statistics.std)
        }
        #expect(status == 0)
        let first = ours.indices.first { ours[$0].bitPattern != reference[$0].bitPattern }
        #expect(first == nil, "\(image) into \(width)×\(height), at \(first!)")
      }
    }
  }

  @Test("An unknown colour is named with its pixel, or ignored")
  func unknownColor() throws {
    let map = ColorMap(colors: [[0, 0, 0], [128, 0, 0]])
    var label = Image(width: 5, height: 4, channels: 3)
    label.pixels[0] = 128
    label.pixels[(2 * 5 + 3) * 3 + 1] = 7
    let error = #expect(throws: UnknownColorError.self) { try label.labelMapped(map) }
    #expect(error?.color == [0, 7, 0])
    #expect((error?.x, error?.y) == (3, 2))
    let mask = try label.labelMapped(map, unknown: .ignore)
    #expect(mask.pixels[0] == 1)
    #expect(mask.pixels[13] == 255)
    #expect(mask.pixels.reduce(0) { $0 + Int($1) } == 256)
  }

  @Test("Every class of a full colour map is found")
  func fullColorMap() throws {
    var palette: [UInt8] = []
    for i in 0..<256 { palette += [UInt8(i), UInt8((i * 7) & 255), UInt8(255 - i)] }
    let mask = Image(width: 256, height: 1, channels: 1, pixels: (0..<256).map { UInt8($0) })
    let map = ColorMap(palette: palette, count: 256)
    #expect(try mask.colored(palette: palette).labelMapped(map) == mask)
  }

  @Test("A letterbox places and restores boxes")
  func letterboxBoxes() {
    let place = LetterboxPlacement(source: (200, 100), canvas: (64, 64))
    #expect((place.width, place.height, place.x, place.y) == (64, 32, 0, 16))
    let box = BoundingBox(x1: 50, y1: 25, x2: 150, y2: 75, label: 3)
    #expect(place.placed(box) == BoundingBox(x1: 16, y1: 24, x2: 48, y2: 40, label: 3))
    #expect(place.restored(place.placed(box)) == box)
  }
}
