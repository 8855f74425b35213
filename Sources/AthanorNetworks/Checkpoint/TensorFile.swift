import AthanorCore
import AthanorTensor

/// Named tensors in a `.safetensors` file.
public enum TensorFile {
  /// Writes tensors under their names, whole or not at all. Throws `FileError`.
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

  /// Reads every tensor. Throws an error that names the file where it is missing or corrupt, or where
  /// it holds an element type that tensors do not have.
  public static func read(
    _ path: String
  ) throws -> (tensors: [String: Tensor], metadata: [String: String]) {
    let file = try SafeTensors(path)
    var tensors: [String: Tensor] = [:]
    for entry in file.entries {
      guard let dtype = DType.allCases.first(where: { $0.elementType == entry.type }) else {
        throw ArrayFileError(
          file: path, part: "'\(entry.name)'",
          expected: DType.allCases.map { "\($0.elementType)" }.joined(separator: ", "),
          received: "\(entry.type)")
      }
      let tensor = Tensor(uninitialized: entry.shape, dtype)
      try file.read(
        entry.name,
        into: UnsafeMutableRawBufferPointer(
          start: tensor.storage.base, count: tensor.storage.byteCount))
      tensors[entry.name] = tensor
    }
    return (tensors, file.metadata)
  }
}

extension DType {
  /// The same type in a file.
  public var elementType: ElementType {
    switch self {
    case .float32: .f32
    case .float64: .f64
    case .int64: .i64
    case .int32: .i32
    case .uint8: .u8
    }
  }
}
