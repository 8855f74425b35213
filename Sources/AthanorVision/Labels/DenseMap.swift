import AthanorKernels

/// Numbers for each pixel of an image, channels last: depth (one channel), normals (three channels)
/// or any others.
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
  /// The map at another size, each value that of the nearest pixel: unknown values are not mixed
  /// with others.
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
    var result = DenseMap(
      width: width, height: height, channels: channels,
      values: [Float](repeating: 0, count: width * height * channels))
    values.withUnsafeBufferPointer { src in
      result.values.withUnsafeMutableBufferPointer { dst in
        Resampling.forward(
          .bilinear, n: 1, h: self.height, w: self.width, c: channels, outputHeight: height,
          outputWidth: width, src: src.baseAddress!, dst: dst.baseAddress!)
      }
    }
    return result
  }
}
