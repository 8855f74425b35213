/// Finds the tensors in a `torch.save` pickle and checks their ranges in the file.
struct StateDictionaryReader {
  let path: String
  /// Of the archive.
  let members: [String: Range<Int>]
  /// Of the archive's files, with its slash.
  let folder: String
  let pickle: Pickle

  private static let rebuildTensor = "torch._utils._rebuild_tensor_v2"
  private static let rebuildParameter = "torch._utils._rebuild_parameter"
  private static let storages: [(global: String, type: ElementType)] = [
    ("torch.FloatStorage", .f32), ("torch.DoubleStorage", .f64), ("torch.HalfStorage", .f16),
    ("torch.BFloat16Storage", .bf16), ("torch.LongStorage", .i64), ("torch.IntStorage", .i32),
    ("torch.ShortStorage", .i16), ("torch.CharStorage", .i8), ("torch.ByteStorage", .u8),
    ("torch.BoolStorage", .bool),
  ]

  /// The classes and functions that a state dictionary names.
  static let globals =
    [
      Pickle.orderedDictionary, rebuildTensor, rebuildParameter, "\(rebuildParameter)_with_state",
    ] + storages.map(\.global)

  /// The tensors, which together may take so many bytes.
  func entries(byteLimit: Int) throws -> [PyTorchFile.Entry] {
    var entries: [PyTorchFile.Entry] = []
    var names: Set<String> = []
    var bytes = 0
    for item in try stateDictionary() {
      guard case .text(let name) = pickle[item.key] else {
        throw error("", "names as the state dictionary's keys", pickle[item.key].words)
      }
      guard names.insert(name).inserted else { throw error(name, "one tensor of this name", "two") }
      let (entry, size) = try entry(name, item.value)
      guard size <= byteLimit - bytes else {
        throw error(
          name, "tensors that take at most \(byteLimit) bytes together, by the file's size",
          "\(size) bytes for shape \(entry.shape) after \(bytes)")
      }
      bytes += size
      entries.append(entry)
    }
    return entries
  }

  private func stateDictionary() throws -> [(key: Pickle.Index, value: Pickle.Index)] {
    guard case .dictionary(let root) = pickle[pickle.root] else {
      throw error("", "a state dictionary", pickle[pickle.root].words)
    }
    for wrapper in PyTorchFile.wrappers {
      for item in pickle.dictionaries[root] {
        if case .text(wrapper) = pickle[item.key], case .dictionary(let inner) = pickle[item.value]
        {
          return pickle.dictionaries[inner]
        }
      }
    }
    return pickle.dictionaries[root]
  }

  private func entry(
    _ name: String, _ index: Pickle.Index
  ) throws -> (entry: PyTorchFile.Entry, byteCount: Int) {
    let arguments = try tensorArguments(name, index)
    guard arguments.count >= 4, case .integer(let offset) = pickle[arguments[1]],
      let shape = pickle.integers(arguments[2]), let strides = pickle.integers(arguments[3])
    else {
      throw error(
        name, "a tensor's storage, offset, shape and strides",
        arguments.map { pickle[$0].words }.joined(separator: ", "))
    }
    let (type, storage) = try storage(name, arguments[0])
    guard let bytes = byteCount(of: shape, type) else {
      throw error(name, "a shape of sizes whose product fits 64 bits", "\(shape)")
    }
    let count = storage.count / type.size
    guard let last = Self.lastElement(offset, shape, strides), bytes == 0 || last < count else {
      throw error(
        name, "a view of the \(count) elements of its storage",
        "shape \(shape) with strides \(strides) from element \(offset)")
    }
    let range =
      bytes == 0
      ? storage.lowerBound..<storage.lowerBound
      : (storage.lowerBound + offset * type.size)..<(storage.lowerBound + (last + 1) * type.size)
    return (
      PyTorchFile.Entry(name: name, type: type, shape: shape, strides: strides, range: range), bytes
    )
  }

  /// The arguments that the tensor, or the one in a parameter, is built from.
  private func tensorArguments(_ name: String, _ index: Pickle.Index) throws -> [Pickle.Index] {
    var value = pickle[index]
    if case .call(let function, let arguments) = value, let data = arguments.first,
      function.hasPrefix(Self.rebuildParameter)
    {
      value = pickle[data]
    }
    guard case .call(Self.rebuildTensor, let arguments) = value else {
      let keys = PyTorchFile.wrappers.map { "'\($0)'" }.joined(separator: ", ")
      throw error(
        name, "a tensor (a state dictionary of its own is read under \(keys))", value.words)
    }
    return arguments
  }

  /// The type of a storage's elements and its bytes in the file.
  private func storage(
    _ name: String, _ index: Pickle.Index
  ) throws -> (type: ElementType, range: Range<Int>) {
    guard case .persistent(let identifier) = pickle[index],
      case .tuple(let parts) = pickle[identifier], parts.count == 5,
      case .text("storage") = pickle[parts[0]], case .global(let global) = pickle[parts[1]],
      case .text(let key) = pickle[parts[2]], case .integer(let count) = pickle[parts[4]],
      let type = Self.storages.first(where: { $0.global == global })?.type
    else { throw error(name, "a storage of the archive", pickle[index].words) }
    guard let range = members["\(folder)data/\(key)"] else {
      throw error(name, "the archive's member '\(folder)data/\(key)'", "an archive without it")
    }
    guard byteCount(of: [count], type) == range.count else {
      throw error(
        name, "\(range.count) bytes, as member '\(folder)data/\(key)' has",
        "\(count) elements of \(type)")
    }
    return (type, range)
  }

  /// The index in its storage of the last element; nil where an index is negative or beyond 64
  /// bits, and where there are not as many strides as sizes.
  private static func lastElement(_ offset: Int, _ shape: [Int], _ strides: [Int]) -> Int? {
    guard shape.count == strides.count, offset >= 0 else { return nil }
    var last = offset
    for (size, stride) in zip(shape, strides) where size > 0 {
      let (distance, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, beyond) = last.addingReportingOverflow(distance)
      guard stride >= 0, !overflow, !beyond else { return nil }
      last = sum
    }
    return last
  }

  private func error(_ name: String, _ expected: String, _ received: String) -> ContentError {
    ContentError(
      path: path, key: name.isEmpty ? "the file" : "'\(name)'", expected: expected,
      received: received)
  }
}
