/// A dense array as files hold it: element type, shape and the bytes in C order.
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

/// The bytes an array takes, or nil when a size is negative or the product passes 64 bits.
func byteCount(of shape: [Int], _ type: ElementType) -> Int? {
  var count = type.size
  for size in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    guard size >= 0, !overflow else { return nil }
    count = product
  }
  return count
}
