import AthanorCore
import Foundation
import Testing

/// A folder of its own for one test, removed at its end.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/athanor-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  var contents: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}

@Test func safeTensorsRoundTrip() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("a.safetensors")
  try SafeTensors.write(
    [
      ("mask", NumericArray([UInt8]([1, 2, 255]))),
      ("weight", NumericArray([Float]([1, -2, 3, 4, 5, .infinity]), shape: [2, 3])),
      ("empty", NumericArray([Float](), shape: [0, 4])),
      ("step", NumericArray([Int64]([7]), shape: [])),
    ], metadata: ["epoch": "3", "é": "\"x\""], to: path)
  let file = try SafeTensors(path)
  #expect(file.metadata == ["epoch": "3", "é": "\"x\""])
  #expect(Set(file.names) == ["mask", "weight", "empty", "step"])
  #expect(file.entry("weight")?.shape == [2, 3])
  #expect(try file.elements("weight") == [Float]([1, -2, 3, 4, 5, .infinity]))
  #expect(try file.elements("step") == [Int64]([7]))
  #expect(try file.array("mask").bytes == [1, 2, 255])
  #expect(try file.array("empty").count == 0)
  #expect(folder.contents == ["a.safetensors"])
  #expect(
    throws: ContentError(
      path: path, key: "'weigth'", expected: "an array of this name",
      received: "a file without it (did you mean 'weight'?)")
  ) { try file.array("weigth") }
}

@Test func safeTensorsLeavesNothingBehindOnFailure() throws {
  struct Stop: Error {}
  let folder = try TemporaryFolder()
  try AtomicFile.write("old", to: folder.file("a"))
  #expect(throws: Stop.self) {
    try SafeTensors.write([.init("x", .f32, [4])], to: folder.file("a")) { _, _ in throw Stop() }
  }
  #expect(folder.contents == ["a"])
  #expect(try TextFile.read(folder.file("a")) == "old")
  #expect(throws: FileError.self) {
    try SafeTensors.write([], to: folder.file("missing/a"))
  }
}

@Test(arguments: [
  (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7),  // Truncated.
  (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9),  // Bytes left over.
  (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}"#, 9),  // A hole.
  (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8),  // Size and shape disagree.
  (#"{"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}}"#, 8),
  (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8),
  (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0),
  (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8),
  (#"{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}"#, 8),
  (#"{"a":{"dtype":"F32","shape":[2]}}"#, 8),
  (
    #"{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}"#,
    8
  ),
  (
    #"{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}"#,
    8
  ),
  (#"{"__metadata__":{"a":1}}"#, 0), (#"{"a":1}"#, 0), (#"[]"#, 0), (#"{"#, 0), ("", 0),
])
func safeTensorsRefusesCorruptFiles(header: String, dataCount: Int) throws {
  let folder = try TemporaryFolder()
  let path = folder.file("bad.safetensors")
  let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
  try AtomicFile.write(
    length + Array(header.utf8) + [UInt8](repeating: 0, count: dataCount), to: path)
  do {
    _ = try SafeTensors(path)
    Issue.record("accepted \(header)")
  } catch { #expect("\(error)".hasPrefix(path)) }
}

@Test func safeTensorsSurvivesMutatedBytes() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("a.safetensors")
  try SafeTensors.write(
    [("w", NumericArray([Float]([1, 2, 3]))), ("v", NumericArray([UInt8]([1])))],
    metadata: ["k": "v"], to: path)
  let bytes = try AtomicFile.read(path)
  var generator = Generator(5)
  for _ in 0..<2000 {
    var mutated = bytes
    for _ in 0..<generator.integer(in: 1..<4) {
      mutated[generator.integer(in: 0..<bytes.count)] = UInt8(generator.integer(in: 0..<256))
    }
    if generator.chance(0.2) { mutated.removeLast(generator.integer(in: 0..<bytes.count)) }
    try Data(mutated).write(to: URL(fileURLWithPath: path))
    if let file = try? SafeTensors(path) {
      for name in file.names { _ = try file.array(name) }
    }
  }
}

@Test func numPyRoundTrip() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("a.npy")
  for array in [
    NumericArray([Float]([1, 2, 3, 4, 5, 6]), shape: [2, 3]), NumericArray([Double]([1.5])),
    NumericArray([Int32]([9]), shape: []), NumericArray([UInt8](), shape: [0, 5]),
  ] {
    try NumPyFile.write(array, to: path)
    #expect(try NumPyFile.read(path) == array)
  }
  let good = try AtomicFile.read(path)
  for length in 0..<good.count {
    try AtomicFile.write(Array(good[..<length]), to: path)
    #expect(throws: (any Error).self) { try NumPyFile.read(path) }
  }
}

@Test func numPyRefusesWhatItCannotRead() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("a.npy")
  func message(_ header: String) throws -> String {
    let bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]
    try AtomicFile.write(bytes + Array(header.utf8), to: path)
    do { return "\(try NumPyFile.read(path))" } catch { return "\(error)" }
  }
  #expect(
    try message("{'descr': '<f4', 'fortran_order': True, 'shape': (0,), }").contains("Fortran"))
  #expect(try message("{'descr': '>f4', 'fortran_order': False, 'shape': (0,), }").contains(">f4"))
  #expect(try message("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }").contains("0 by"))
  #expect(try message("{'fortran_order': False, 'shape': (3,), }").contains("'descr'"))
}

/// A shape whose sizes multiply to more than 64 bits is refused beside a size of 0 too, in every
/// order.
@Test func sizesThatAreOnlyClaimed() throws {
  let folder = try TemporaryFolder()
  for shape in [[1 << 61, 0], [0, 1 << 61], [1 << 32, 1 << 32, 0], [0, .max, .max], [.max]] {
    let text = shape.map(String.init).joined(separator: ", ")
    let numpy = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(text),), }\n"
    try AtomicFile.write(
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(numpy.utf8.count), 0] + Array(numpy.utf8),
      to: folder.file("a.npy"))
    #expect(throws: ContentError.self) { try NumPyFile.read(folder.file("a.npy")) }
    let header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[\(text)],\"data_offsets\":[0,0]}}"
    try AtomicFile.write(
      [UInt8(header.utf8.count)] + [UInt8](repeating: 0, count: 7) + Array(header.utf8),
      to: folder.file("a.safetensors"))
    #expect(throws: ContentError.self) { try SafeTensors(folder.file("a.safetensors")) }
  }
}
