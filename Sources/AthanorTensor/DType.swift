/// The scalar type of a tensor's elements.
public enum DType: String, Sendable, CaseIterable {
  case float32, float64, int64, int32, uint8

  public var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .uint8: 1
    }
  }

  /// Whether arithmetic and gradients are defined.
  public var isFloating: Bool { self == .float32 || self == .float64 }
}

/// A Swift type that a tensor can hold.
public protocol TensorScalar: Sendable {
  static var dtype: DType { get }
}

extension Float: TensorScalar { public static var dtype: DType { .float32 } }
extension Double: TensorScalar { public static var dtype: DType { .float64 } }
extension Int64: TensorScalar { public static var dtype: DType { .int64 } }
extension Int32: TensorScalar { public static var dtype: DType { .int32 } }
extension UInt8: TensorScalar { public static var dtype: DType { .uint8 } }
