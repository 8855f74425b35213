import AthanorCore
import Foundation
import Testing

/// The Python to compare with: `ATHANOR_PYTHON`, one that has numpy and safetensors.
private let python = ProcessInfo.processInfo.environment["ATHANOR_PYTHON"]

private func run(_ script: String) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: python ?? "/usr/bin/false")
  process.arguments = ["-c", script]
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
}

@Test(.enabled(if: python != nil, "ATHANOR_PYTHON is not set"))
func pythonAndSwiftReadEachOthersArrays() throws {
  let folder = try TemporaryFolder()
  let ours = folder.file("ours.safetensors")
  let theirs = folder.file("theirs.safetensors")
  try SafeTensors.write(
    [
      ("mask", NumericArray([UInt8]([1, 2, 255]))),
      ("weight", NumericArray([Float]([1, -2, 3, 4, 5, 6]), shape: [2, 3])),
      ("empty", NumericArray([Float](), shape: [0, 4])),
      ("step", NumericArray([Int64]([7]), shape: [])),
    ], metadata: ["k": "v"], to: ours)
  try NumPyFile.write(
    NumericArray([Int32]([1, 2, 3, 4]), shape: [2, 2]), to: folder.file("o.npy"))
  let answer = try run(
    """
    import numpy as np
    from safetensors.numpy import load_file, save_file
    a = load_file('\(ours)')
    n = np.load('\(folder.file("o.npy"))')
    print(a['mask'].tolist(), a['weight'].tolist(), a['empty'].shape, a['step'], n.tolist())
    save_file({'a': np.arange(6, dtype=np.float32).reshape(2, 3),
      'b': np.array([1, 2], dtype=np.uint8), 'c': np.zeros((0,), dtype=np.float64),
      'h': np.ones(3, dtype=np.float16)}, '\(theirs)', metadata={'k': 'é'})
    np.save('\(folder.file("t.npy"))', np.arange(6, dtype=np.int64).reshape(1, 2, 3))
    """)
  #expect(
    answer
      == "[1, 2, 255] [[1.0, -2.0, 3.0], [4.0, 5.0, 6.0]] (0, 4) 7 [[1, 2], [3, 4]]")
  let file = try SafeTensors(theirs)
  #expect(file.metadata == ["k": "é"])
  #expect(try file.elements("a") == [Float]([0, 1, 2, 3, 4, 5]))
  #expect(file.entry("a")?.shape == [2, 3])
  #expect(try file.elements("b") == [UInt8]([1, 2]))
  #expect(file.entry("h")?.type == .f16)
  #expect(
    try NumPyFile.read(folder.file("t.npy"))
      == NumericArray([Int64]([0, 1, 2, 3, 4, 5]), shape: [1, 2, 3]))
}
