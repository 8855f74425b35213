import AthanorCore
import AthanorNetworks
import AthanorTensor
import Foundation
import Testing

@Suite struct TensorFileTests {
  private func fixture(_ name: String) -> String {
    let tests = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined()
    return "\(tests)/PyTorch/\(name)"
  }

  /// `.pth` and safetensors of the same tensors read alike, in types that tensors have.
  @Test func bothFormatsReadAlike() throws {
    let (tensors, metadata) = try TensorFile.read(fixture("state.pth"))
    let (expected, _) = try TensorFile.read(fixture("state.safetensors"))
    #expect(metadata.isEmpty)
    #expect(Set(tensors.keys) == Set(expected.keys))
    for (name, tensor) in tensors {
      #expect(tensor.shape == expected[name]?.shape, "\(name)")
      #expect(tensor.dtype == expected[name]?.dtype, "\(name)")
      #expect(tensor.doubles == expected[name]?.doubles, "\(name)")
    }
    let half = try #require(tensors["half"])
    #expect(half.dtype == .float32)
    #expect(half.doubles == [1, -2.5, 65504, 0x1p-24, -.infinity])
    #expect(tensors["half.transposed"]?.doubles == [0, 3, 1, 4, 2, 5])
    let brain = try #require(tensors["bfloat16"])
    #expect(brain.dtype == .float32)
    #expect(brain.doubles[..<2] == [1, -3.140625])
    #expect(tensors["float64"]?.doubles == [1.0 / 3, .infinity])
    #expect(tensors["bool"]?.dtype == .uint8)
    #expect(tensors["bool"]?.doubles == [1, 0, 0, 1])
    #expect(tensors["int8"]?.dtype == .int32)
    #expect(tensors["int8"]?.doubles == [-128, 127])
    #expect(tensors["int16"]?.doubles == [-300, 300])
    #expect(tensors["scalar"]?.shape == [])
    #expect(tensors["scalar"]?.doubles == [-7])
    #expect(tensors["empty"]?.shape == [0, 4])
    #expect(tensors["tied"]?.doubles == tensors["0.weight"]?.doubles)
  }

  @Test func errorsNameTheFile() throws {
    for name in ["namespace.pth", "legacy.pth", "missing.pth"] {
      let error = #expect(throws: (any Error).self) { try TensorFile.read(fixture(name)) }
      #expect("\(error!)".hasPrefix(fixture(name)))
    }
    let folder = NSTemporaryDirectory() + "/athanor-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/a.safetensors"
    try SafeTensors.write(
      [("a", NumericArray(type: .u32, shape: [1], bytes: [1, 0, 0, 0]))], metadata: [:], to: path)
    #expect(
      throws: ContentError(
        path: path, key: "'a'",
        expected: "bool, u8, i8, i16, u16, i32, i64, f16, bf16, f32, f64", received: "u32")
    ) { try TensorFile.read(path) }
  }
}
