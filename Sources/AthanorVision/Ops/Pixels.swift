/// Rows of 8-bit pixels in memory, channels last, for kernels to read.
///
/// Row `y` starts at `base + y * stride`; `stride` is at least `width * channels` bytes.
public struct Pixels: @unchecked Sendable {
  public let base: UnsafePointer<UInt8>
  public let width: Int
  public let height: Int
  public let channels: Int
  /// Bytes from one row to the next.
  public let stride: Int

  public init(
    base: UnsafePointer<UInt8>, width: Int, height: Int, channels: Int, stride: Int? = nil
  ) {
    self.base = base
    self.width = width
    self.height = height
    self.channels = channels
    self.stride = stride ?? width * channels
    precondition(
      self.stride >= width * channels,
      "Pixels: a stride of \(self.stride) bytes for \(width)×\(channels)")
  }

  public init(_ other: MutablePixels) {
    self.init(
      base: other.base, width: other.width, height: other.height, channels: other.channels,
      stride: other.stride)
  }

  @inline(__always) func row(_ y: Int) -> UnsafePointer<UInt8> { base + y &* stride }

  /// The part of `width`×`height` pixels at (`x`, `y`).
  public func cropped(x: Int, y: Int, width: Int, height: Int) -> Pixels {
    precondition(
      x >= 0 && y >= 0 && width >= 0 && height >= 0 && x + width <= self.width
        && y + height <= self.height,
      "crop: \(width)×\(height) at (\(x), \(y)) of \(self.width)×\(self.height)")
    return Pixels(
      base: base + y * stride + x * channels, width: width, height: height, channels: channels,
      stride: stride)
  }
}

/// Rows of 8-bit pixels in memory, channels last, for kernels to write.
public struct MutablePixels: @unchecked Sendable {
  public let base: UnsafeMutablePointer<UInt8>
  public let width: Int
  public let height: Int
  public let channels: Int
  /// Bytes from one row to the next.
  public let stride: Int

  public init(
    base: UnsafeMutablePointer<UInt8>, width: Int, height: Int, channels: Int, stride: Int? = nil
  ) {
    self.base = base
    self.width = width
    self.height = height
    self.channels = channels
    self.stride = stride ?? width * channels
    precondition(
      self.stride >= width * channels,
      "MutablePixels: a stride of \(self.stride) bytes for \(width)×\(channels)")
  }

  @inline(__always) func row(_ y: Int) -> UnsafeMutablePointer<UInt8> { base + y &* stride }

  /// The part of `width`×`height` pixels at (`x`, `y`).
  public func cropped(x: Int, y: Int, width: Int, height: Int) -> MutablePixels {
    precondition(
      x >= 0 && y >= 0 && width >= 0 && height >= 0 && x + width <= self.width
        && y + height <= self.height,
      "crop: \(width)×\(height) at (\(x), \(y)) of \(self.width)×\(self.height)")
    return MutablePixels(
      base: base + y * stride + x * channels, width: width, height: height, channels: channels,
      stride: stride)
  }
}

extension Image {
  /// Calls `body` with the image's memory.
  public func withPixels<Result>(_ body: (Pixels) throws -> Result) rethrows -> Result {
    try pixels.withUnsafeBufferPointer { buffer in
      try body(
        Pixels(
          base: buffer.baseAddress ?? Image.nowhere, width: width, height: height,
          channels: channels))
    }
  }

  /// Calls `body` with the image's memory, to change it.
  public mutating func withMutablePixels<Result>(
    _ body: (MutablePixels) throws -> Result
  ) rethrows -> Result {
    let (width, height, channels) = (width, height, channels)
    return try pixels.withUnsafeMutableBufferPointer { buffer in
      try body(
        MutablePixels(
          base: buffer.baseAddress ?? UnsafeMutablePointer(mutating: Image.nowhere), width: width,
          height: height, channels: channels))
    }
  }

  /// A copy of the given pixels.
  public init(copying pixels: Pixels) {
    self.init(width: pixels.width, height: pixels.height, channels: pixels.channels) {
      copy(pixels, into: $0)
    }
  }

  /// A new image, every byte of which `body` writes.
  init(
    width: Int, height: Int, channels: Int, writing body: (MutablePixels) throws -> Void
  ) rethrows {
    let size = width * height * channels
    let pixels = try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      if size > 0, let base = buffer.baseAddress {
        try body(MutablePixels(base: base, width: width, height: height, channels: channels))
      }
      count = size
    }
    self.init(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// The address of images without pixels; never read or written.
  private static var nowhere: UnsafePointer<UInt8> {
    UnsafePointer(bitPattern: 64).unsafelyUnwrapped
  }
}
