/// Colours for class indices.
public enum Palette {
  /// The colour map of Pascal VOC's devkit, RGB triples: the bits of an index spread over channels.
  public static func voc(count: Int) -> [UInt8] {
    var colors: [UInt8] = []
    colors.reserveCapacity(3 * count)
    for index in 0..<count {
      var (r, g, b) = (0, 0, 0)
      var rest = index
      for shift in stride(from: 7, through: 0, by: -1) {
        r |= (rest & 1) << shift
        g |= (rest >> 1 & 1) << shift
        b |= (rest >> 2 & 1) << shift
        rest >>= 3
      }
      colors += [UInt8(r & 255), UInt8(g & 255), UInt8(b & 255)]
    }
    return colors
  }
}
