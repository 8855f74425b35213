/// The number format of an array in a file.
public enum ElementType: String, CaseIterable, Sendable {
  case bool, u8, i8, i16, u16, i32, u32, i64, u64, f16, bf16, f32, f64

  /// Bytes per element.
  public var size: Int {
    switch self {
    case .bool, .u8, .i8: 1
    case .i16, .u16, .f16, .bf16: 2
    case .i32, .u32, .f32: 4
    case .i64, .u64, .f64: 8
    }
  }
}

/// A Swift type whose values are stored as one `ElementType`, little-endian as on every
/// supported machine.
public protocol ArrayElement: BitwiseCopyable, Sendable {
  static var elementType: ElementType { get }
}

extension UInt8: ArrayElement { public static var elementType: ElementType { .u8 } }
extension Int8: ArrayElement { public static var elementType: ElementType { .i8 } }
extension Int32: ArrayElement { public static var elementType: ElementType { .i32 } }
extension Int64: ArrayElement { public static var elementType: ElementType { .i64 } }
extension Float: ArrayElement { public static var elementType: ElementType { .f32 } }
extension Double: ArrayElement { public static var elementType: ElementType { .f64 } }
