import AthanorKernels
import Synchronization

extension Tensor {
  /// A tensor that has a shape and no elements, as on PyTorch's `meta` device: operations on it
  /// give such tensors again, at once and without memory, and are recorded by an `OpTrace`.
  ///
  /// With it the shapes in a network are known before any weight exists. Reading its
  /// elements traps.
  public init(shapeOnly shape: [Int], _ dtype: DType = .float32) {
    self.init(shapeOnly: shape, dtype, nil)
  }

  init(shapeOnly shape: [Int], _ dtype: DType, _ trace: OpTrace?) {
    require(shape.allSatisfy { $0 >= 0 }, "Tensor: negative size in shape \(shape)")
    self.init(
      shape: shape, dtype: dtype,
      storage: Storage(shapeOnly: shape.reduce(1, *) * dtype.byteCount, trace))
  }

  /// Whether it has no elements.
  public var isShapeOnly: Bool { storage.isShapeOnly }

  /// The result of an operation on this shape-only tensor, of its type.
  ///
  /// - `operation`: Its name in summaries; nil for those that are left out: elementwise, cheap.
  /// - `flops`: Its operations, a multiply–add counted as two.
  /// - `parameters`: The trained tensors among its operands.
  public func traced(
    _ operation: String?, _ shape: [Int], flops: Int = 0, parameters: [Tensor] = []
  ) -> Tensor {
    let trace = OpTrace.current
    let result = Tensor(shapeOnly: shape, dtype, trace)
    trace?.add(
      OpTrace.Record(
        operation: operation, shape: shape, flops: flops,
        parameters: parameters.map { ObjectIdentifier($0.storage) }))
    return result
  }
}

/// The operations of a computation on shape-only tensors, in order, and the memory it would need.
public final class OpTrace: Sendable {
  public struct Record: Sendable {
    /// `Conv2d 3×3/2`; nil for an elementwise operation.
    public let operation: String?
    public let shape: [Int]
    public let flops: Int
    /// The trained tensors that it reads.
    public let parameters: [ObjectIdentifier]

    public var count: Int { shape.reduce(1, *) }
  }

  private struct State {
    var records: [Record] = []
    var bytes = 0
    var peakBytes = 0
  }

  @TaskLocal static var current: OpTrace?
  private let state = Mutex(State())

  /// Records the operations of `body`.
  public init(_ body: () throws -> Void) rethrows {
    try Self.$current.withValue(self, operation: body)
  }

  public var records: [Record] { state.withLock(\.records) }
  /// The largest number of bytes of results in memory at once.
  public var peakBytes: Int { state.withLock(\.peakBytes) }

  func add(_ record: Record) { state.withLock { $0.records.append(record) } }

  func take(_ bytes: Int) {
    state.withLock {
      $0.bytes += bytes
      $0.peakBytes = max($0.peakBytes, $0.bytes)
    }
  }

  func give(_ bytes: Int) { state.withLock { $0.bytes -= bytes } }
}

extension Tensor {
  /// Identifies this tensor's elements.
  public var storageIdentifier: ObjectIdentifier { ObjectIdentifier(storage) }
}
