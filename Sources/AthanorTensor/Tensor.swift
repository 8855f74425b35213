import AthanorKernels

/// A dense array, contiguous and row-major; images are `[N,H,W,C]`, channels last.
///
/// A tensor is a value: operations return new tensors. What it was computed from is recorded
/// unless the tape is paused and where an operand is a variable, for `gradients(of:for:)`.
public struct Tensor: @unchecked Sendable {
  public let shape: [Int]
  public let dtype: DType
  public private(set) var storage: Storage
  var node: Node?

  /// An uninitialised tensor.
  public init(uninitialized shape: [Int], _ dtype: DType = .float32) {
    require(shape.allSatisfy { $0 >= 0 }, "Tensor: negative size in shape \(shape)")
    self.init(
      shape: shape, dtype: dtype,
      storage: Storage(byteCount: shape.reduce(1, *) * dtype.byteCount))
  }

  init(shape: [Int], dtype: DType, storage: Storage, node: Node? = nil) {
    self.shape = shape
    self.dtype = dtype
    self.storage = storage
    self.node = node
  }

  public init<T: TensorScalar>(_ values: [T], shape: [Int]) {
    require(
      values.count == shape.reduce(1, *), "Tensor: \(values.count) values for shape \(shape)")
    self.init(uninitialized: shape, T.dtype)
    values.withUnsafeBufferPointer {
      if $0.count > 0 { pointer(to: T.self).initialize(from: $0.baseAddress!, count: $0.count) }
    }
  }

  /// A tensor with every element `value`.
  public init(repeating value: Double, shape: [Int], _ dtype: DType = .float32) {
    self.init(uninitialized: shape, dtype)
    switch dtype {
    case .float32: pointer(to: Float.self).initialize(repeating: Float(value), count: count)
    case .float64: pointer(to: Double.self).initialize(repeating: value, count: count)
    case .int64: pointer(to: Int64.self).initialize(repeating: Int64(value), count: count)
    case .int32: pointer(to: Int32.self).initialize(repeating: Int32(value), count: count)
    case .uint8: pointer(to: UInt8.self).initialize(repeating: UInt8(value), count: count)
    }
  }

  /// A tensor of shape `[]`.
  public init(_ value: Double, _ dtype: DType = .float32) {
    self.init(repeating: value, shape: [], dtype)
  }

  public static func zeros(_ shape: [Int], _ dtype: DType = .float32) -> Tensor {
    Tensor(repeating: 0, shape: shape, dtype)
  }

  public static func ones(_ shape: [Int], _ dtype: DType = .float32) -> Tensor {
    Tensor(repeating: 1, shape: shape, dtype)
  }

  public func zerosLike() -> Tensor { .zeros(shape, dtype) }
  public func onesLike() -> Tensor { .ones(shape, dtype) }

  func likeUninitialized() -> Tensor { Tensor(uninitialized: shape, dtype) }

  public var rank: Int { shape.count }
  public var count: Int { storage.byteCount / dtype.byteCount }

  /// Whether no other tensor shares these elements, so that they may be changed in place.
  mutating func ownsStorage() -> Bool { isKnownUniquelyReferenced(&storage) }

  /// The elements in memory. Only the code that has just created the tensor may write to them.
  package func pointer<T: TensorScalar>(to type: T.Type = T.self) -> UnsafeMutablePointer<T> {
    require(T.dtype == dtype, "Tensor: a \(dtype) tensor was read as \(T.dtype)")
    require(!isShapeOnly, "Tensor: \(self) has a shape and no elements to read")
    return storage.base.assumingMemoryBound(to: T.self)
  }

  /// Changes the elements of this tensor in place; they are copied first where other tensors share
  /// them.
  public mutating func withMutableElements<T: TensorScalar, Result>(
    _ body: (UnsafeMutableBufferPointer<T>) throws -> Result
  ) rethrows -> Result {
    if !ownsStorage() { self = Tensor(array(of: T.self), shape: shape) }
    return try body(UnsafeMutableBufferPointer(start: pointer(to: T.self), count: count))
  }

  /// A copy of the elements.
  public func array<T: TensorScalar>(of type: T.Type = T.self) -> [T] {
    Array(UnsafeBufferPointer(start: pointer(to: T.self), count: count))
  }

  /// The elements as doubles, whatever the type.
  public var doubles: [Double] {
    switch dtype {
    case .float32: array(of: Float.self).map(Double.init)
    case .float64: array(of: Double.self)
    case .int64: array(of: Int64.self).map(Double.init)
    case .int32: array(of: Int32.self).map(Double.init)
    case .uint8: array(of: UInt8.self).map(Double.init)
    }
  }

  /// The value of a tensor of one element.
  public var scalar: Double {
    require(count == 1, "Tensor.scalar: shape \(shape) has \(count) elements")
    switch dtype {
    case .float32: return Double(pointer(to: Float.self).pointee)
    case .float64: return pointer(to: Double.self).pointee
    case .int64: return Double(pointer(to: Int64.self).pointee)
    case .int32: return Double(pointer(to: Int32.self).pointee)
    case .uint8: return Double(pointer(to: UInt8.self).pointee)
    }
  }
}

extension Tensor: CustomStringConvertible {
  public var description: String { "Tensor(\(shape), \(dtype))" }
}
