import AthanorCore
import AthanorNetworks
import Foundation

/// Files of arrays.
extension Reader {
  static let npy = Reader.file(
    "npy", as: "fuzz.npy",
    seeds: {
      try [
        NumericArray([Float]([1, -2, .nan, 4, 5, 6]), shape: [2, 3]),
        NumericArray([UInt8](), shape: [0, 4]), NumericArray([Int64]([7]), shape: []),
      ].map { array in try written { try NumPyFile.write(array, to: $0) } }
    }
  ) { _ = try NumPyFile.read($0).floats() }

  static let safeTensors = Reader.file(
    "safetensors", as: "fuzz.safetensors",
    seeds: {
      [
        try written {
          try SafeTensors.write(
            [
              ("mask", NumericArray([UInt8]([1, 2, 255]))),
              ("weight", NumericArray([Float]([1, -2, 3, 4, 5, .infinity]), shape: [2, 3])),
              ("empty", NumericArray([Float](), shape: [0, 4])),
              ("step", NumericArray([Int64]([7]), shape: [])),
            ], metadata: ["epoch": "3", "é": "\"x\""], to: $0)
        }
      ]
    }
  ) { path in
    each([
      {
        let file = try SafeTensors(path)
        for name in file.names { _ = try file.array(name).floats() }
      }, { _ = try TensorFile.read(path) },
    ])
  }

  /// Seeds: what `Tests/PyTorch/make_fixtures.py` wrote.
  static let pyTorch = Reader.file(
    "pytorch", as: "fuzz.pth",
    seeds: {
      let folder = URL(fileURLWithPath: "\(#filePath)/../../PyTorch").standardized
      return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        .filter { $0.hasSuffix(".pth") }.map { try AtomicFile.read("\(folder.path)/\($0)") }
    }
  ) { path in
    each([
      {
        let file = try PyTorchFile(path)
        for entry in file.entries { _ = try file.array(entry).floats() }
      }, { _ = try TensorFile.read(path) },
    ])
  }
}
