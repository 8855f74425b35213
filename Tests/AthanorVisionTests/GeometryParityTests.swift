import AthanorCore
import AthanorVision
import CppReference
import Testing

/// Warps, mosaics and coverings over generated images of awkward sizes and contents.
@Suite("Geometry against OpenCV", .serialized)
struct GeometryParityTests {
  static func borders(_ channels: Int, _ generator: inout Generator) -> [(BorderMode, Int32)] {
    let value = color(channels, &generator)
    return [(.constant(value), 0), (.reflect, 1), (.reflect101, 2)]
  }

  static func color(_ channels: Int, _ generator: inout Generator) -> [UInt8] {
    (0..<channels).map { _ in UInt8(generator.integer(in: 0..<256)) }
  }

  static func value(_ border: BorderMode) -> [UInt8] {
    if case .constant(let value) = border { return value }
    return [0, 0, 0, 0]
  }

  @Test("warp_affine", arguments: WarpInterpolation.allCases)
  func affine(interpolation: WarpInterpolation) throws {
    try Case.sweep(channels: [1, 3, 4], seed: 31) { image, generator in
      let (w, h) = (Double(image.width), Double(image.height))
      var transforms = [
        AffineTransform(1, 0, 0, 0, 1, 0), AffineTransform(1, 0, 0.5, 0, 1, -0.5),
        AffineTransform(2, 0, -0.25, 0, 3, 7), AffineTransform(0, 0, 0, 0, 0, 0),
        AffineTransform(1, 2, 3, 2, 4, 6), AffineTransform(1e-4, 0, 0, 0, 1e-4, 0),
        AffineTransform(1e7, 3, -1e9, -2, 1e6, 1e12), AffineTransform(-1, 0, w - 1, 0, -1, h - 1),
        AffineTransform(
          rotation: generator.uniform(-180, 180), scale: generator.uniform(0.3, 2),
          aboutX: w / 2, y: h / 2),
      ]
      for _ in 0..<2 {
        func slope() -> Double { generator.uniform(-2, 2) }
        transforms.append(
          AffineTransform(
            slope(), slope(), generator.uniform(-w, w), slope(), slope(), generator.uniform(-h, h)))
      }
      return transforms.flatMap { t in
        Self.borders(image.channels, &generator).compactMap { border, code in
          let (width, height) = (generator.integer(in: 1..<300), generator.integer(in: 1..<90))
          // OpenCV mirrors a position once for every image it is away.
          let isExtreme = t.a > 1e3 || t.a == 1e-4
          if code != 0 && isExtreme && min(w, h) < 97 { return nil }
          return Case("\(t) \(border)", (width, height, image.channels)) {
            cppref_warp_affine(
              $0, $1, [t.a, t.b, t.c, t.d, t.e, t.f], interpolation.code, code, Self.value(border))
          } ours: {
            AthanorVision.warpAffine($0, into: $1, t, interpolation, border: border)
          }
        }
      }
    }
  }

  @Test("warp_perspective", arguments: WarpInterpolation.allCases)
  func perspective(interpolation: WarpInterpolation) throws {
    try Case.sweep(channels: [1, 3, 4], seed: 32) { image, generator in
      let (w, h) = (Double(image.width), Double(image.height))
      var matrices: [[Double]] = [
        [1, 0, 0, 0, 1, 0, 0, 0, 1], [1, 0, 0.3, 0, 1, 0, 0, 0, -2],
        [0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 2, 3, 2, 4, 6, 0, 0, 1],
        [1, 0, 0, 0, 1, 0, 1 / w, -1 / h, 0], [1e6, 0, 0, 0, 1e-6, 4, 0, 1e3, 1],
      ]
      for _ in 0..<3 {
        func slope() -> Double { generator.uniform(-1.5, 1.5) }
        matrices.append([
          slope(), slope(), generator.uniform(-w, w), slope(), slope(), generator.uniform(-h, h),
          generator.uniform(-2, 2) / w, generator.uniform(-2, 2) / h, 1,
        ])
      }
      return matrices.flatMap { matrix in
        Self.borders(image.channels, &generator).map { border, code in
          let (width, height) = (generator.integer(in: 1..<300), generator.integer(in: 1..<90))
          return Case("\(matrix) \(border)", (width, height, image.channels)) {
            cppref_warp_perspective(
              $0, $1, matrix, interpolation.code, code, Self.value(border))
          } ours: {
            AthanorVision.warpPerspective(
              $0, into: $1, PerspectiveTransform(matrix), interpolation, border: border)
          }
        }
      }
    }
  }

  @Test("rotation matrices are OpenCV's")
  func rotations() {
    var generator = Generator(33)
    for _ in 0..<200 {
      let (x, y) = (Double(generator.integer(in: -99..<999)), 0.5)
      let (degrees, scale) = (generator.uniform(-400, 400), generator.uniform(0, 3))
      var reference = [Double](repeating: 0, count: 6)
      #expect(cppref_rotation_matrix(x, y, degrees, scale, &reference) == 0)
      let t = AffineTransform(rotation: degrees, scale: scale, aboutX: x, y: y)
      for (ours, theirs) in zip([t.a, t.b, t.c, t.d, t.e, t.f], reference) {
        #expect(abs(ours - theirs) <= 1e-12 * max(1, abs(theirs)))
      }
    }
  }

  @Test("mosaic", arguments: [Interpolation.nearest, .linear, .area])
  func mosaic(interpolation: Interpolation) throws {
    let code = [Interpolation.nearest: Int32(0), .linear: 1, .area: 2][interpolation]!
    try Case.sweep(channels: [1, 3], seed: 34) { image, generator in
      (0..<3).map { _ in
        let (width, height) = (generator.integer(in: 1..<150), generator.integer(in: 1..<100))
        let (x, y) = (
          generator.integer(in: 0..<(width + 1)), generator.integer(in: 0..<(height + 1))
        )
        // Four overlapping parts of one image.
        let parts = (0..<4).map { _ in
          let (w, h) = (
            generator.integer(in: 1..<(image.width + 1)),
            generator.integer(in: 1..<(image.height + 1))
          )
          return (
            generator.integer(in: 0..<(image.width - w + 1)),
            generator.integer(in: 0..<(image.height - h + 1)), w, h
          )
        }
        return Case("\(width)×\(height) about \(x), \(y)", (width, height, image.channels)) {
          src, dst in
          let views = parts.map { x, y, w, h in
            cppref_image(
              data: src.data + (y * src.stride + x * Int(src.channels)), width: Int32(w),
              height: Int32(h), channels: src.channels, stride: src.stride)
          }
          return cppref_mosaic(views, dst, Int32(x), Int32(y), code)
        } ours: { src, dst in
          let views = parts.map { src.cropped(x: $0.0, y: $0.1, width: $0.2, height: $0.3) }
          AthanorVision.mosaic(
            (views[0], views[1], views[2], views[3]), into: dst, x: x, y: y, interpolation)
        }
      }
    }
  }

  @Test("erase")
  func erase() throws {
    try Case.sweep(channels: [1, 3, 4], seed: 35) { image, generator in
      (0..<4).map { _ in
        let value = Self.color(image.channels, &generator)
        let (x, y) = (generator.integer(in: -9..<99), generator.integer(in: -9..<99))
        let (w, h) = (generator.integer(in: 0..<99), generator.integer(in: 0..<99))
        return Case("\(x), \(y), \(w)×\(h)", image.shape) { src, dst in
          cppref_crop(src, dst, 0, 0)
            | cppref_erase(dst, Int32(x), Int32(y), Int32(w), Int32(h), value)
        } ours: { src, dst in
          copy(src, into: dst)
          AthanorVision.erase(dst, x: x, y: y, width: w, height: h, value: value)
        }
      }
    }
  }

  @Test("grid_mask")
  func gridMask() throws {
    try Case.sweep(channels: [1, 3, 4], seed: 36) { image, generator in
      (0..<6).map { i in
        let value = Self.color(image.channels, &generator)
        let period = generator.integer(in: 1..<40)
        let grid = MaskGrid(
          period: period, stripe: generator.integer(in: 0..<(period + 1)),
          x: generator.integer(in: -50..<50), y: generator.integer(in: -50..<50),
          degrees: i < 2 ? 0 : [90, 180, 45, 1 + generator.integer(in: 0..<359)][i - 2])
        return Case("\(grid)", image.shape) { src, dst in
          cppref_crop(src, dst, 0, 0)
            | cppref_grid_mask(
              dst, Int32(grid.period), Int32(grid.stripe), Int32(grid.x), Int32(grid.y),
              Int32(grid.degrees), value)
        } ours: { src, dst in
          copy(src, into: dst)
          AthanorVision.gridMask(dst, grid, value: value)
        }
      }
    }
  }
}

extension WarpInterpolation {
  fileprivate var code: Int32 { self == .nearest ? 0 : 1 }
}
