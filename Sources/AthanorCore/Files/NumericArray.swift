/// A dense array as stored in files: element type, shape and the bytes in C order.
public struct NumericArray: Equatable, Sendable {
  public let type: ElementType
  public let shape: [Int]
  public let bytes: [UInt8]

  /// Traps when the bytes do not fill the shape exactly.
  public init(type: ElementType, shape: [Int], bytes: [UInt8]) {
    precondition(
      byteCount(of: shape, type) == bytes.count,
      "NumericArray: \(bytes.count) bytes for \(type) of shape \(shape)")
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }

  /// An array of the given values; the shape defaults to one axis.
  public init<Element: ArrayElement>(_ values: [Element], shape: [Int]? = nil) {
    self.init(
      type: Element.elementType, shape: shape ?? [values.count],
      bytes: values.withUnsafeBytes { Array($0) })
  }

  public var count: Int { bytes.count / type.size }

  /// The elements, which must be of exactly this type; nil otherwise.
  public func elements<Element: ArrayElement>(as _: Element.Type = Element.self) -> [Element]? {
    guard type == Element.elementType else { return nil }
    return [Element](unsafeUninitializedCapacity: count) { buffer, filled in
      UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes)
      filled = count
    }
  }
}

/// The number of bytes of an array; nil for a negative size and where the product, even without the
/// sizes of 0, exceeds 64 bits.
func byteCount(of shape: [Int], _ type: ElementType) -> Int? {
  var count = type.size
  for size in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: max(1, size))
    guard size >= 0, !overflow else { return nil }
    count = product
  }
  return shape.contains(0) ? 0 : count
}

extension NumericArray {
  /// The elements as `Float`, each rounded to the nearest; `true` is 1.
  public func floats() -> [Float] {
    switch type {
    case .bool, .u8: bytes.map(Float.init)
    case .i8: map { (value: Int8) in Float(value) }
    case .i16: map { (value: Int16) in Float(value) }
    case .u16: map { (value: UInt16) in Float(value) }
    case .i32: map { (value: Int32) in Float(value) }
    case .u32: map { (value: UInt32) in Float(value) }
    case .i64: map { (value: Int64) in Float(value) }
    case .u64: map { (value: UInt64) in Float(value) }
    case .f16: map { (value: UInt16) in Self.float(fromHalf: value) }
    case .bf16: map { (value: UInt16) in Float(bitPattern: UInt32(value) << 16) }
    case .f32: map { (value: Float) in value }
    case .f64: map { (value: Double) in Float(value) }
    }
  }

  private func map<Element: BitwiseCopyable>(_ convert: (Element) -> Float) -> [Float] {
    let size = MemoryLayout<Element>.size
    return bytes.withUnsafeBytes { raw in
      (0..<count).map { convert(raw.loadUnaligned(fromByteOffset: $0 * size, as: Element.self)) }
    }
  }

  /// IEEE 754 binary16.
  private static func float(fromHalf bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let (exponent, fraction) = (UInt32(bits >> 10 & 31), UInt32(bits & 0x3FF))
    switch exponent {
    case 0:
      let value = Float(fraction) * 0x1p-24
      return sign == 0 ? value : -value
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
