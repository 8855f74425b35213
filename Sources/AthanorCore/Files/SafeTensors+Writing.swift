extension SafeTensors {
  /// Name, type and shape of an array, which precede its bytes.
  public struct Description: Equatable, Sendable {
    public var name: String
    public var type: ElementType
    public var shape: [Int]

    public init(_ name: String, _ type: ElementType, _ shape: [Int]) {
      self.name = name
      self.type = type
      self.shape = shape
    }
  }

  /// Writes a file whose arrays are passed one by one, so that none is copied.
  ///
  /// `data(i, take)` calls `take` once or more with the bytes of array `i`, in order. Arrays are
  /// written by falling element size, so that each is aligned; the header has the same order.
  ///
  /// Errors: `FileError`, and whatever `data` throws; no file is left then. Traps when names
  /// repeat or the bytes do not fill the shape.
  public static func write(
    _ arrays: [Description], metadata: [String: String] = [:], to path: String,
    data: (Int, (UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) throws {
    precondition(
      Set(arrays.map(\.name)).count == arrays.count
        && !arrays.contains { $0.name == "__metadata__" },
      "SafeTensors.write: array names must differ from each other and from __metadata__")
    let order = arrays.indices.sorted {
      (-arrays[$0].type.size, $0) < (-arrays[$1].type.size, $1)
    }
    try AtomicFile.write(to: path) { file in
      try file.append(header(of: order.map { arrays[$0] }, metadata: metadata))
      for index in order {
        var written = 0
        try data(index) { bytes in
          try file.append(bytes)
          written += bytes.count
        }
        precondition(
          written == byteCount(of: arrays[index].shape, arrays[index].type),
          "SafeTensors.write: \(written) bytes for \(arrays[index])")
      }
    }
  }

  /// Writes arrays that are in memory already.
  public static func write(
    _ arrays: [(name: String, array: NumericArray)], metadata: [String: String] = [:],
    to path: String
  ) throws {
    let descriptions = arrays.map { Description($0.name, $0.array.type, $0.array.shape) }
    try write(descriptions, metadata: metadata, to: path) { index, take in
      try arrays[index].array.bytes.withUnsafeBytes(take)
    }
  }

  /// The length, the JSON and spaces up to a multiple of 8 bytes.
  private static func header(of arrays: [Description], metadata: [String: String]) -> [UInt8] {
    var members: [JSON.Member] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
      members.append(JSON.Member("__metadata__", .object(pairs)))
    }
    var offset = 0
    for array in arrays {
      guard let count = byteCount(of: array.shape, array.type) else {
        preconditionFailure("SafeTensors.write: the shape of \(array) passes 64 bits")
      }
      members.append(
        JSON.Member(
          array.name,
          [
            "dtype": .string(array.type.safeTensorsName),
            "shape": .array(array.shape.map { .integer($0) }),
            "data_offsets": [.integer(offset), .integer(offset + count)],
          ]))
      offset += count
    }
    var text = Array(JSON.object(members).compact.utf8)
    text += [UInt8](repeating: UInt8(ascii: " "), count: -text.count & 7)
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
  }
}
