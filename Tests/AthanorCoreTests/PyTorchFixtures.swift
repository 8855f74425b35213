import AthanorCore
import Foundation

/// A file beside `Tests/PyTorch/make_fixtures.py`, which made it.
func pyTorchFixture(_ name: String) -> String {
  let tests = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined()
  return "\(tests)/PyTorch/\(name)"
}

func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

/// A zip archive of stored members, whose headers a test can make wrong.
struct TestArchive {
  var members: [(name: String, bytes: [UInt8])]
  var method: UInt16 = 0
  var flags: UInt16 = 0x0800
  /// Sizes and offsets stand in the zip64 fields.
  var isZip64 = false
  /// What the directory says in place of the members' sizes.
  var size: UInt64?
  /// What the header before each member calls it.
  var localName: String?
  /// Added to where the directory says that it begins.
  var directoryShift = 0
  var comment: [UInt8] = []

  /// The archive of a pickle and of storages `0`, `1`, …, as `torch.save` names them.
  init(pickle: [UInt8], storages: [[UInt8]] = []) {
    members =
      [("a/data.pkl", pickle)]
      + storages.enumerated().map { ("a/data/\($0.offset)", $0.element) }
  }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for (name, bytes) in members {
      let start = file.count
      let local = localName ?? name
      let sizes = size ?? UInt64(bytes.count)
      let extra: [UInt8] = [0x46, 0x42, 3, 0, 90, 90, 90]
      file += [0x50, 0x4B, 3, 4, 0, 0] + littleEndian(flags) + littleEndian(method)
      file += [UInt8](repeating: 0, count: 16) + littleEndian(UInt16(local.utf8.count))
      file += littleEndian(UInt16(extra.count)) + Array(local.utf8) + extra + bytes
      let zip64 =
        [1, 0, 24, 0] + littleEndian(sizes) + littleEndian(sizes) + littleEndian(UInt64(start))
      let small = isZip64 ? UInt32.max : UInt32(truncatingIfNeeded: sizes)
      directory += [0x50, 0x4B, 1, 2, 0, 0, 0, 0] + littleEndian(flags) + littleEndian(method)
      directory += [UInt8](repeating: 0, count: 8) + littleEndian(small) + littleEndian(small)
      directory += littleEndian(UInt16(name.utf8.count)) + littleEndian(UInt16(isZip64 ? 28 : 0))
      directory += [UInt8](repeating: 0, count: 10)
      directory += littleEndian(isZip64 ? UInt32.max : UInt32(start)) + Array(name.utf8)
      directory += isZip64 ? zip64 : []
    }
    let start = file.count + directoryShift
    let count = members.count
    file += directory
    if isZip64 {
      let record = file.count
      file += [0x50, 0x4B, 6, 6] + littleEndian(UInt64(44)) + [UInt8](repeating: 0, count: 12)
      file += littleEndian(UInt64(count)) + littleEndian(UInt64(count))
      file += littleEndian(UInt64(directory.count)) + littleEndian(UInt64(start))
      file += [0x50, 0x4B, 6, 7, 0, 0, 0, 0] + littleEndian(UInt64(record)) + [1, 0, 0, 0]
    }
    let small = isZip64 ? UInt16.max : UInt16(count)
    file += [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + littleEndian(small) + littleEndian(small)
    file += littleEndian(isZip64 ? UInt32.max : UInt32(directory.count))
    file += littleEndian(isZip64 ? UInt32.max : UInt32(truncatingIfNeeded: start))
    return file + littleEndian(UInt16(comment.count)) + comment
  }
}

/// Pieces of a pickle.
enum TestPickle {
  static func text(_ text: String) -> [UInt8] {
    [0x58] + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  static func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }

  static func integer(_ number: Int) -> [UInt8] { [0x8A, 8] + littleEndian(Int64(number)) }

  static func tuple(_ elements: [[UInt8]]) -> [UInt8] { [0x28] + elements.joined() + [0x74] }

  static func tuple(of numbers: [Int]) -> [UInt8] { tuple(numbers.map(integer)) }

  /// A call: `REDUCE`.
  static func call(_ module: String, _ name: String, _ arguments: [[UInt8]]) -> [UInt8] {
    global(module, name) + tuple(arguments) + [0x52]
  }

  static func tensor(
    _ storage: String = "FloatStorage", key: String = "0", count: Int, offset: Int = 0,
    shape: [Int], strides: [Int]
  ) -> [UInt8] {
    let identifier = tuple([
      text("storage"), global("torch", storage), text(key), text("cpu"), integer(count),
    ])
    return call(
      "torch._utils", "_rebuild_tensor_v2",
      [
        identifier + [0x51], integer(offset), tuple(of: shape), tuple(of: strides), [0x89],
        call("collections", "OrderedDict", []),
      ])
  }

  /// A whole pickle of one dictionary.
  static func dictionary(_ items: [(key: String, value: [UInt8])]) -> [UInt8] {
    whole([0x7D, 0x28] + items.flatMap { text($0.key) + $0.value } + [0x75])
  }

  static func whole(_ value: [UInt8]) -> [UInt8] { [0x80, 2] + value + [0x2E] }
}
