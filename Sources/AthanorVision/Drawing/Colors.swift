/// Colours for pictures of class indices and boxes.
public enum Colors {
  /// The Pascal VOC colour map, the standard for masks: 256 RGB triples, the bits of an
  /// index spread over the channels. Class 0 is black; 255, ignore, is `(224, 224, 192)`.
  public static let voc: [UInt8] = (0..<256).flatMap { index -> [UInt8] in
    var color: [UInt8] = [0, 0, 0]
    for bit in 0..<8 {
      color[bit % 3] |= UInt8(index >> bit & 1) << UInt8(7 - bit / 3)
    }
    return color
  }

  /// The colour of a mask's class as `voc` gives it.
  public static func mask(_ index: Int) -> [UInt8] {
    let i = 3 * (index & 255)
    return Array(voc[i..<(i + 3)])
  }

  /// A bright colour for boxes of a class, with hues a golden angle apart.
  public static func box(_ label: Int) -> [UInt8] {
    let hue = (Double(label) * 0.618_033_988_75 + 0.02).truncatingRemainder(dividingBy: 1) * 6
    let part = hue - hue.rounded(.down)
    // From full colour to half lightness, so that no channel is ever quite dark.
    let (low, high) = (70.0, 255.0)
    let (rise, fall) = (low + (high - low) * part, high - (high - low) * part)
    let color: [Double]
    switch Int(hue) {
    case 0: color = [high, rise, low]
    case 1: color = [fall, high, low]
    case 2: color = [low, high, rise]
    case 3: color = [low, fall, high]
    case 4: color = [rise, low, high]
    default: color = [high, low, fall]
    }
    return color.map { UInt8($0) }
  }

  public static let white: [UInt8] = [255, 255, 255]
  public static let black: [UInt8] = [0, 0, 0]

  /// Black or white, whichever is more readable on `color`.
  public static func ink(on color: [UInt8]) -> [UInt8] {
    let luminance = 299 * Int(color[0]) + 587 * Int(color[1]) + 114 * Int(color[2])
    return luminance > 140_000 ? black : white
  }
}
