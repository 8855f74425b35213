/// A colour space of three bytes other than RGB.
public enum ColorSpace: String, CaseIterable, Codable, Sendable {
  /// Hue 0…179 (degrees halved), saturation, value.
  case hsv
  /// Hue 0…180 (degrees halved), lightness, saturation.
  case hls
  /// Luma and the two differences from it, offset by 128.
  case yCrCb = "ycrcb"
  /// CIE L*a*b* under D65: L scaled to 0…255, a and b offset by 128.
  case lab
}

/// Converts RGB to `space`; see the functions of each space for the formulas.
///
/// Parity: `cv::cvtColor`, byte for byte.
public func convert(_ src: Pixels, to space: ColorSpace, into dst: MutablePixels) {
  switch space {
  case .hsv: rgbToHSV(src, into: dst)
  case .hls: rgbToHLS(src, into: dst)
  case .yCrCb: rgbToYCrCb(src, into: dst)
  case .lab: rgbToLab(src, into: dst)
  }
}

/// Converts `space` to RGB.
///
/// Parity: `cv::cvtColor`, byte for byte.
public func convert(_ src: Pixels, from space: ColorSpace, into dst: MutablePixels) {
  switch space {
  case .hsv: rgbFromHSV(src, into: dst)
  case .hls: rgbFromHLS(src, into: dst)
  case .yCrCb: rgbFromYCrCb(src, into: dst)
  case .lab: rgbFromLab(src, into: dst)
  }
}

extension Image {
  /// The RGB image in another colour space.
  public func converted(to space: ColorSpace) -> Image {
    Image(width: width, height: height, channels: 3) { dst in
      withPixels { convert($0, to: space, into: dst) }
    }
  }

  /// The RGB image of one in another colour space.
  public func converted(from space: ColorSpace) -> Image {
    Image(width: width, height: height, channels: 3) { dst in
      withPixels { convert($0, from: space, into: dst) }
    }
  }
}
