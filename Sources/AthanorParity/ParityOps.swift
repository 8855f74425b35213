import AthanorVision
import CppReference

/// Every op that is compared, in the order of the table.
public let parityOps: [ParityOp] = [
  resize("resize_nearest", .nearest, CPPREF_NEAREST, half),
  resize("resize_linear", .linear, CPPREF_LINEAR, half),
  resize("resize_linear_up", .linear, CPPREF_LINEAR, oneAndAHalf),
  resize("resize_cubic", .cubic, CPPREF_CUBIC, half),
  resize("resize_cubic_up", .cubic, CPPREF_CUBIC, oneAndAHalf),
  resize("resize_area", .area, CPPREF_AREA, third),
  flip("flip_horizontal", .horizontal, 1), flip("flip_vertical", .vertical, 0),
  flip("flip_both", .both, -1),
  ParityOp("crop", output: half) {
    cppref_crop($0, $1, 7, 5)
  } ours: { src, dst in
    copy(src.cropped(x: 7, y: 5, width: dst.width, height: dst.height), into: dst)
  },
  ParityOp("border") { shape in
    .init(width: shape.width + 32, height: shape.height + 32, channels: shape.channels)
  } reference: {
    cppref_border($0, $1, 16, 16, gray114)
  } ours: {
    border($0, into: $1, x: 16, y: 16, value: gray114)
  },
  ParityOp("letterbox") { shape in
    .init(width: 640, height: 640, channels: shape.channels)
  } reference: {
    cppref_letterbox($0, $1, Int32(CPPREF_LINEAR.rawValue), gray114)
  } ours: {
    letterbox($0, into: $1, .linear, value: gray114)
  },
  warp("warp_affine_nearest", .nearest, CPPREF_NEAREST, rotation),
  warp("warp_affine", .linear, CPPREF_LINEAR, rotation),
  warp("warp_perspective_nearest", .nearest, CPPREF_NEAREST, tilt),
  warp("warp_perspective", .linear, CPPREF_LINEAR, tilt),
  ParityOp("mosaic") { src, dst in
    let (x, y) = (dst.width * 3 / 7, dst.height * 4 / 7)
    let parts = [cppref_image](repeating: src, count: 4)
    return cppref_mosaic(parts, dst, x, y, Int32(CPPREF_LINEAR.rawValue))
  } ours: { src, dst in
    mosaic(
      (src, src, src, src), into: dst, x: dst.width * 3 / 7, y: dst.height * 4 / 7, .linear)
  },
  ParityOp("erase") { src, dst in
    cppref_crop(src, dst, 0, 0)
      | cppref_erase(dst, 50, 40, dst.width / 2, dst.height / 2, gray114)
  } ours: { src, dst in
    copy(src, into: dst)
    erase(dst, x: 50, y: 40, width: dst.width / 2, height: dst.height / 2, value: gray114)
  },
  gridMask("grid_mask", degrees: 0), gridMask("grid_mask_turned", degrees: 30),
  ParityOp("gray", output: oneChannel) {
    cppref_gray($0, $1)
  } ours: {
    gray($0, into: $1)
  },
  ParityOp("swap_channels") {
    cppref_swap_channels($0, $1)
  } ours: {
    swapChannels($0, into: $1)
  },
  to("rgb_to_hsv", .hsv, CPPREF_HSV), from("hsv_to_rgb", .hsv, CPPREF_HSV),
  to("rgb_to_hls", .hls, CPPREF_HLS), from("hls_to_rgb", .hls, CPPREF_HLS),
  to("rgb_to_ycrcb", .yCrCb, CPPREF_YCRCB), from("ycrcb_to_rgb", .yCrCb, CPPREF_YCRCB),
  to("rgb_to_lab", .lab, CPPREF_LAB), from("lab_to_rgb", .lab, CPPREF_LAB),
  ParityOp("gamma") {
    cppref_gamma($0, $1, 0.6)
  } ours: {
    gamma($0, into: $1, exponent: 0.6)
  },
  ParityOp("equalize_hist", channels: 1) {
    cppref_equalize_hist($0, $1)
  } ours: {
    equalizeHistogram($0, into: $1)
  },
  ParityOp("clahe", channels: 1) {
    cppref_clahe($0, $1, 2, 8, 8)
  } ours: {
    clahe($0, into: $1, clipLimit: 2, tiles: (8, 8))
  },
  ParityOp("convert_scale") {
    cppref_convert_scale($0, $1, 1.2, -20)
  } ours: {
    convertScale($0, into: $1, alpha: 1.2, beta: -20)
  },
  ParityOp("saturation_up") {
    cppref_saturation($0, $1, 0.4)
  } ours: {
    saturate($0, into: $1, amount: 0.4)
  },
  ParityOp("saturation_down") {
    cppref_saturation($0, $1, -0.4)
  } ours: {
    saturate($0, into: $1, amount: -0.4)
  },
  blur("gaussian_blur_3", size: 3), blur("gaussian_blur_5", size: 5),
  blur("gaussian_blur_11", size: 11),
  median("median_blur_3", size: 3), median("median_blur_5", size: 5),
  median("median_blur_9", size: 9),
  ParityOp("distance_transform", channels: 1, content: .scattered) { shape in
    .init(width: shape.width, height: shape.height, channels: 4)
  } reference: { src, dst in
    dst.data.withMemoryRebound(to: Float.self, capacity: Int(src.width * src.height)) {
      cppref_distance_transform(src, $0)
    }
  } ours: { src, dst in
    dst.base.withMemoryRebound(to: Float.self, capacity: src.width * src.height) {
      distanceTransform(src, into: $0)
    }
  },
  ParityOp("connected_components", channels: 1, content: .labels) { shape in
    .init(width: shape.width, height: shape.height, channels: 4)
  } reference: { src, dst in
    var count: Int32 = 0
    return dst.data.withMemoryRebound(to: Int32.self, capacity: Int(src.width * src.height)) {
      cppref_connected_components(src, 8, $0, nil, 0, &count)
    }
  } ours: { src, dst in
    _ = dst.base.withMemoryRebound(to: Int32.self, capacity: src.width * src.height) {
      connectedComponents(src, .eight, into: $0)
    }
  },
  ParityOp("label_map", content: .labels, output: oneChannel) {
    cppref_label_map($0, $1, Colors.voc, 21, nil, nil)
  } ours: {
    labelMap($0, into: $1, vocMap)
  },
  ParityOp("letterbox_normalize") { shape in
    .init(width: 640, height: 640, channels: 4 * shape.channels)
  } reference: { src, dst in
    dst.data.withMemoryRebound(to: Float.self, capacity: 640 * 640 * 3) {
      cppref_letterbox_normalize(
        src, $0, 640, 640, Int32(CPPREF_LINEAR.rawValue), gray114, Normalization.imageNet.mean,
        Normalization.imageNet.std)
    }
  } ours: { src, dst in
    _ = dst.base.withMemoryRebound(to: Float.self, capacity: 640 * 640 * 3) {
      letterboxNormalize(
        src, .linear, value: gray114, .imageNet, into: $0, width: 640, height: 640)
    }
  },
  ParityOp("normalize") { shape in
    .init(width: shape.width, height: shape.height, channels: 4 * shape.channels)
  } reference: { src, dst in
    dst.data.withMemoryRebound(to: Float.self, capacity: Int(src.width * src.height * 3)) {
      cppref_normalize(
        src, $0, src.width, src.height, Normalization.imageNet.mean, Normalization.imageNet.std)
    }
  } ours: { src, dst in
    let count = src.width * src.height * 3
    dst.base.withMemoryRebound(to: Float.self, capacity: count) {
      normalize(src, .imageNet, into: $0, width: src.width, height: src.height)
    }
  },
]

private let gray114: [UInt8] = [114, 114, 114]
private let vocMap = ColorMap(palette: Colors.voc, count: 21)

@Sendable private func half(_ shape: ParityOp.Shape) -> ParityOp.Shape {
  .init(width: shape.width * 8 / 15, height: shape.height * 8 / 15, channels: shape.channels)
}

@Sendable private func third(_ shape: ParityOp.Shape) -> ParityOp.Shape {
  .init(width: shape.width * 5 / 16, height: shape.height * 5 / 16, channels: shape.channels)
}

@Sendable private func oneAndAHalf(_ shape: ParityOp.Shape) -> ParityOp.Shape {
  .init(width: shape.width * 3 / 2, height: shape.height * 3 / 2, channels: shape.channels)
}

@Sendable private func oneChannel(_ shape: ParityOp.Shape) -> ParityOp.Shape {
  .init(width: shape.width, height: shape.height, channels: 1)
}

private func resize(
  _ name: String, _ interpolation: Interpolation, _ code: cppref_interpolation,
  _ output: @escaping @Sendable (ParityOp.Shape) -> ParityOp.Shape
) -> ParityOp {
  ParityOp(name, output: output) {
    cppref_resize($0, $1, Int32(code.rawValue))
  } ours: {
    resize($0, into: $1, interpolation)
  }
}

/// A rotation by 15 degrees about the centre with some perspective: most of the image stays inside,
/// the corners fall outside.
@Sendable private func rotation(_ width: Int, _ height: Int) -> PerspectiveTransform {
  let t = AffineTransform(
    rotation: 15, scale: 1.1, aboutX: Double(width) / 2, y: Double(height) / 2)
  return PerspectiveTransform([t.a, t.b, t.c, t.d, t.e, t.f, 0, 0, 1])
}

@Sendable private func tilt(_ width: Int, _ height: Int) -> PerspectiveTransform {
  PerspectiveTransform([
    0.9, 0.2, 0.02 * Double(width), -0.1, 1.1, 0.03 * Double(height), 0.1 / Double(width),
    0.2 / Double(height), 1,
  ])
}

/// Uses `cv::warpAffine` where the last row of the matrix has no perspective.
private func warp(
  _ name: String, _ interpolation: WarpInterpolation, _ code: cppref_interpolation,
  _ transform: @escaping @Sendable (Int, Int) -> PerspectiveTransform
) -> ParityOp {
  let code = Int32(code.rawValue)
  return ParityOp(name) { src, dst in
    let m = transform(Int(src.width), Int(src.height)).matrix
    if m[6...] == [0, 0, 1] { return cppref_warp_affine(src, dst, m, code, 0, gray114) }
    return cppref_warp_perspective(src, dst, m, code, 0, gray114)
  } ours: { src, dst in
    let t = transform(src.width, src.height)
    let m = t.matrix
    if m[6...] == [0, 0, 1] {
      let affine = AffineTransform(m[0], m[1], m[2], m[3], m[4], m[5])
      warpAffine(src, into: dst, affine, interpolation, border: .constant(gray114))
    } else {
      warpPerspective(src, into: dst, t, interpolation, border: .constant(gray114))
    }
  }
}

private func gridMask(_ name: String, degrees: Int) -> ParityOp {
  ParityOp(name) { src, dst in
    cppref_crop(src, dst, 0, 0) | cppref_grid_mask(dst, 96, 58, 7, 5, Int32(degrees), gray114)
  } ours: { src, dst in
    copy(src, into: dst)
    let grid = MaskGrid(period: 96, stripe: 58, x: 7, y: 5, degrees: degrees)
    gridMask(dst, grid, value: gray114)
  }
}

private func flip(_ name: String, _ axis: FlipAxis, _ code: Int32) -> ParityOp {
  ParityOp(name) {
    cppref_flip($0, $1, code)
  } ours: {
    flip($0, axis, into: $1)
  }
}

private func to(_ name: String, _ space: ColorSpace, _ code: cppref_color_space) -> ParityOp {
  ParityOp(name) {
    cppref_rgb_to($0, $1, Int32(code.rawValue))
  } ours: {
    convert($0, to: space, into: $1)
  }
}

private func from(_ name: String, _ space: ColorSpace, _ code: cppref_color_space) -> ParityOp {
  ParityOp(name) {
    cppref_rgb_from($0, $1, Int32(code.rawValue))
  } ours: {
    convert($0, from: space, into: $1)
  }
}

private func median(_ name: String, size: Int) -> ParityOp {
  ParityOp(name) {
    cppref_median_blur($0, $1, Int32(size))
  } ours: {
    medianBlur($0, into: $1, size: size)
  }
}

private func blur(_ name: String, size: Int) -> ParityOp {
  ParityOp(name) {
    cppref_gaussian_blur($0, $1, Int32(size), 0)
  } ours: {
    gaussianBlur($0, into: $1, size: size)
  }
}
