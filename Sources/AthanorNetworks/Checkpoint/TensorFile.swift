import AthanorCore
import AthanorTensor

/// Named tensors in a file: `.safetensors`, or PyTorch's `.pth`, which can only be read.
public enum TensorFile {
  /// Writes tensors under their names; a failure leaves no partial file. Throws `FileError`.
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to path: String
  ) throws {
    let arrays = tensors.map {
      SafeTensors.Description($0.name, $0.tensor.dtype.elementType, $0.tensor.shape)
    }
    try SafeTensors.write(arrays, metadata: metadata, to: path) { i, take in
      let storage = tensors[i].tensor.storage
      try take(UnsafeRawBufferPointer(start: storage.base, count: storage.byteCount))
    }
  }

  /// Reads every tensor of a safetensors file or of a state dictionary saved by PyTorch. The first
  /// bytes of the file decide which it is.
  ///
  /// Types that tensors do not have are converted to one that represents all their values: float16
  /// and bfloat16 as float32, bool as uint8, integers of 8 and 16 bits as int32. Throws an error
  /// that names the file where it is missing or corrupt, or contains unsigned integers of 32 or
  /// 64 bits.
  public static func read(
    _ path: String
  ) throws -> (tensors: [String: Tensor], metadata: [String: String]) {
    var tensors: [String: Tensor] = [:]
    if try PyTorchFile.recognises(path) {
      let file = try PyTorchFile(path)
      for entry in file.entries {
        tensors[entry.name] = try tensor(
          path, entry.name, entry.type, entry.shape, array: { try file.array(entry) },
          read: { try file.read(entry, into: $0) })
      }
      return (tensors, [:])
    }
    let file = try SafeTensors(path)
    for entry in file.entries {
      tensors[entry.name] = try tensor(
        path, entry.name, entry.type, entry.shape, array: { try file.array(entry.name) },
        read: { try file.read(entry.name, into: $0) })
    }
    return (tensors, file.metadata)
  }

  /// One tensor: read straight into its memory by `read`, or converted from `array`.
  private static func tensor(
    _ path: String, _ name: String, _ type: ElementType, _ shape: [Int],
    array: () throws -> NumericArray, read: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> Tensor {
    guard let dtype = DType(holding: type) else {
      throw ContentError(
        path: path, key: "'\(name)'",
        expected: ElementType.allCases.filter { DType(holding: $0) != nil }
          .map { "\($0)" }.joined(separator: ", "),
        received: "\(type)")
    }
    guard type.size == dtype.byteCount else {
      let values = try array().floats()
      return dtype == .float32
        ? Tensor(values, shape: shape) : Tensor(values.map { Int32($0) }, shape: shape)
    }
    let tensor = Tensor(uninitialized: shape, dtype)
    try read(
      UnsafeMutableRawBufferPointer(
        start: tensor.storage.base, count: tensor.storage.byteCount))
    return tensor
  }
}

extension DType {
  /// The type of the elements in a file.
  public var elementType: ElementType {
    switch self {
    case .float32: .f32
    case .float64: .f64
    case .int64: .i64
    case .int32: .i32
    case .uint8: .u8
    }
  }

  /// The type that an array of a file is converted to; nil where it cannot be read.
  fileprivate init?(holding type: ElementType) {
    switch type {
    case .f16, .bf16, .f32: self = .float32
    case .f64: self = .float64
    case .bool, .u8: self = .uint8
    case .i8, .i16, .u16, .i32: self = .int32
    case .i64: self = .int64
    case .u32, .u64: return nil
    }
  }
}
