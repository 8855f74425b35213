import AthanorVision

/// Every codec, in every way of reading. Seeds: the tests' generated files.
extension Reader {
  static let image = Reader(name: "image") { bytes in
    let limit = 1 << 22
    each(
      [ReadMode.color, .gray, .indices].map { mode in
        { _ = try Image(encoded: bytes, name: "fuzz", as: mode, pixelLimit: limit) }
      } + [{ _ = try Image16(encoded: bytes, name: "fuzz", pixelLimit: limit) }])
  }
}
