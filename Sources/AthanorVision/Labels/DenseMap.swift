/// Numbers for each pixel of an image, channels last: depth (one channel), normals (three), any
/// other.
public struct DenseMap: Equatable, Sendable {
  public let width: Int
  public let height: Int
  public let channels: Int
  public var values: [Float]

  public init(width: Int, height: Int, channels: Int, values: [Float]) {
    precondition(
      values.count == width * height * channels,
      "DenseMap: \(values.count) values for \(width)×\(height)×\(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.values = values
  }
}

extension DenseMap {
  /// The map at another size, each value that of the nearest pixel: nothing is mixed with what is
  /// unknown.
  public func resized(width: Int, height: Int) -> DenseMap {
    guard width != self.width || height != self.height else { return self }
    return Window.whole(self.width, self.height, to: (width, height)).apply(to: self, outside: 0)
  }

  /// The upper left part.
  public func cropped(width: Int, height: Int) -> DenseMap {
    guard width != self.width || height != self.height else { return self }
    return Window(
      from: (0, 0, width, height), to: (0, 0, width, height), canvas: (width, height)
    ).apply(to: self, outside: 0)
  }

  /// The map at another size, bilinear between pixel centres (half-pixel, `align_corners` false).
  public func interpolated(width: Int, height: Int) -> DenseMap {
    guard width != self.width || height != self.height else { return self }
    func taps(_ i: Int, _ from: Int, _ to: Int) -> (low: Int, high: Int, weight: Float) {
      let x = (Float(i) + 0.5) * Float(from) / Float(to) - 0.5
      let low = min(max(Int(x.rounded(.down)), 0), from - 1)
      return (low, min(low + 1, from - 1), min(max(x - Float(low), 0), 1))
    }
    var result = DenseMap(
      width: width, height: height, channels: channels,
      values: [Float](repeating: 0, count: width * height * channels))
    let columns = (0..<width).map { taps($0, self.width, width) }
    for y in 0..<height {
      let row = taps(y, self.height, height)
      for (x, column) in columns.enumerated() {
        for c in 0..<channels {
          func value(_ y: Int, _ x: Int) -> Float { values[(y * self.width + x) * channels + c] }
          func mixed(_ y: Int) -> Float {
            value(y, column.low) * (1 - column.weight) + value(y, column.high) * column.weight
          }
          result.values[(y * width + x) * channels + c] =
            mixed(row.low) * (1 - row.weight) + mixed(row.high) * row.weight
        }
      }
    }
    return result
  }
}
