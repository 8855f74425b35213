/// NumPy's `.npy` files, versions 1 to 3, C order, little-endian.
///
/// Source: NumPy Enhancement Proposal 1, "A simple file format for NumPy arrays".
public enum NumPyFile {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads the array in the file.
  ///
  /// Errors: `FileError`; `ContentError` for another format, Fortran order, big-endian or unusual
  /// element types, and for a size that disagrees with the shape.
  public static func read(_ path: String) throws -> NumericArray {
    let file = try InputFile(path)
    func error(_ part: String, _ expected: String, _ received: String) -> ContentError {
      ContentError(path: path, key: part, expected: expected, received: received)
    }
    guard file.size >= 10 else {
      throw error("the file", "a .npy file", "\(file.size) bytes")
    }
    let start = try file.read(min(12, file.size), at: 0)
    guard start.starts(with: magic) else { throw error("the file", "a .npy file", "other bytes") }
    let headerStart: Int
    let length: Int
    switch start[6] {
    case 1: (headerStart, length) = (10, Int(start[8]) | Int(start[9]) << 8)
    case 2, 3:
      guard start.count == 12 else { throw error("the file", "a header", "its end") }
      headerStart = 12
      length = start[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
    default: throw error("the file", ".npy version 1, 2 or 3", "version \(start[6])")
    }
    guard length <= 1 << 20, headerStart + length <= file.size else {
      throw error(
        "the header", "at most \(min(1 << 20, file.size - headerStart)) bytes", "\(length)")
    }
    let text = String(decoding: try file.read(length, at: headerStart), as: UTF8.self)
    let header: NumPyHeader
    do {
      header = try NumPyHeader(parsing: text)
    } catch let fault as NumPyHeader.Fault {
      throw error("the header", fault.expected, fault.received)
    }
    let count = file.size - headerStart - length
    guard let expected = byteCount(of: header.shape, header.type), expected == count else {
      throw error(
        "the data", "bytes for \(header.type) of shape \(header.shape)", "\(count) bytes")
    }
    return NumericArray(
      type: header.type, shape: header.shape,
      bytes: try file.read(count, at: headerStart + length))
  }

  /// Writes the array as version 1. Traps for `bf16`, which NumPy does not have.
  public static func write(_ array: NumericArray, to path: String) throws {
    guard let code = array.type.numPyCode else {
      preconditionFailure("NumPyFile.write: NumPy has no \(array.type)")
    }
    let sizes = array.shape.map(String.init).joined(separator: ", ")
    let shape = "(\(sizes)\(array.shape.count == 1 ? "," : ""))"
    var header = Array("{'descr': '\(code)', 'fortran_order': False, 'shape': \(shape), }".utf8)
    let padding = -(10 + header.count + 1) & 63
    header += [UInt8](repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
    try AtomicFile.write(to: path) { file in
      try file.append(magic + [1, 0, UInt8(header.count & 255), UInt8(header.count >> 8)] + header)
      try file.append(array.bytes)
    }
  }
}

extension ElementType {
  /// NumPy's code of this type, little-endian.
  var numPyCode: String? {
    switch self {
    case .bool: "|b1"
    case .u8: "|u1"
    case .i8: "|i1"
    case .i16: "<i2"
    case .u16: "<u2"
    case .i32: "<i4"
    case .u32: "<u4"
    case .i64: "<i8"
    case .u64: "<u8"
    case .f16: "<f2"
    case .bf16: nil
    case .f32: "<f4"
    case .f64: "<f8"
    }
  }
}

/// The Python dictionary at the head of a `.npy` file.
private struct NumPyHeader {
  struct Fault: Error {
    var expected: String
    var received: String
  }

  let type: ElementType
  let shape: [Int]

  init(parsing text: String) throws {
    let code = try Self.value(of: "descr", in: text, upTo: ",}")
    let name = code.filter { $0 != "'" && $0 != "\"" }
    guard let type = ElementType.allCases.first(where: { $0.numPyCode == name }) else {
      let known = ElementType.allCases.compactMap(\.numPyCode).joined(separator: ", ")
      throw Fault(expected: "an element type (\(known))", received: code)
    }
    let order = try Self.value(of: "fortran_order", in: text, upTo: ",}")
    guard order == "False" else {
      throw Fault(
        expected: "C order (save numpy.ascontiguousarray(x))",
        received: order == "True" ? "Fortran order" : order)
    }
    let tuple = try Self.value(of: "shape", in: text, upTo: ")").dropFirst()
    let sizes = tuple.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    shape = try sizes.map {
      guard let size = Int($0), size >= 0 else {
        throw Fault(expected: "a shape", received: "(\(tuple))")
      }
      return size
    }
    self.type = type
  }

  private static func value(of key: String, in text: String, upTo end: String) throws -> String {
    for quote in ["'", "\""] {
      guard let range = text.firstRange(of: quote + key + quote) else { continue }
      let rest = text[range.upperBound...].drop { $0 == ":" || $0 == " " }
      return String(rest.prefix { !end.contains($0) })
    }
    throw Fault(expected: "the key '\(key)'", received: "none")
  }
}
