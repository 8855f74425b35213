/// A PyTorch state dictionary open for reading, as `torch.save(model.state_dict(), "x.pth")` writes
/// it since PyTorch 1.6: a zip archive of a pickle and of the tensors' memory.
///
/// Nothing in the pickle is imported or called (`Pickle`). The state dictionary may also be an
/// entry of a dictionary, under one of the keys `wrappers`, besides numbers, texts, lists and
/// dictionaries. Every size is checked at once; the tensors are read one by one on demand.
/// Source: PyTorch, torch/serialization.py (`_save`) and torch/_utils.py (`_rebuild_tensor_v2`).
public struct PyTorchFile: Sendable {
  /// One tensor: its type and shape, and the range of its elements in the file.
  public struct Entry: Equatable, Sendable {
    public let name: String
    public let type: ElementType
    public let shape: [Int]
    /// Elements from one index to the next, axis by axis.
    let strides: [Int]
    /// The bytes in the file from the first element to the last.
    let range: Range<Int>
  }

  public let path: String
  /// In the order of the file. Tied tensors are entries of the same bytes.
  public let entries: [Entry]
  private let file: InputFile

  /// The keys of state dictionaries in checkpoints; the first one present is read.
  public static let wrappers = ["state_dict", "model", "model_ema", "state_dict_ema"]

  /// How a file of PyTorch before 1.6 begins: a pickled magic number.
  private static let legacyMagic: [UInt8] = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9]
  /// Of some 100,000 tensors.
  private static let longestPickle = 16_000_000
  /// Tied tensors, and views that repeat elements, take more memory than they have in the file: up
  /// to this many times its size.
  private static let mostBytesPerByte = 16

  /// Opens the file and checks its content.
  ///
  /// Errors: `FileError`; `ContentError` for a file of an earlier format, for a damaged,
  /// compressed or encrypted archive, for a pickle of anything but plain data and tensors (it names
  /// the class or function), and for a tensor that reaches beyond its storage.
  public init(_ path: String) throws {
    self.path = path
    file = try InputFile(path)
    func error(_ part: String, _ expected: String, _ received: String) -> ContentError {
      ContentError(path: path, key: part, expected: expected, received: received)
    }
    let start = try file.read(min(16, file.size), at: 0)
    guard start.starts(with: ZipArchive.magic) else {
      let isLegacy = start.starts(with: Self.legacyMagic)
      throw error(
        "the file", "a zip archive, as torch.save writes it since PyTorch 1.6",
        isLegacy
          ? "an earlier format; rewrite it in Python: torch.save(torch.load(FILE, \"cpu\"), NEW)"
          : "other bytes")
    }
    let archive = try ZipArchive(file)
    let pickles = archive.members.keys.filter {
      let parts = $0.split(separator: "/")
      return parts.count == 2 && parts[1] == "data.pkl"
    }
    guard pickles.count == 1 else {
      throw error("the archive", "one member NAME/data.pkl", "\(pickles.count)")
    }
    let bytes = archive.members[pickles[0]]!
    guard bytes.count <= Self.longestPickle else {
      throw error(
        "'\(pickles[0])'", "at most \(Self.longestPickle) bytes", "\(bytes.count)")
    }
    let folder = String(pickles[0].dropLast("data.pkl".count))
    if let order = archive.members["\(folder)byteorder"] {
      let text = String(
        decoding: try file.read(min(16, order.count), at: order.lowerBound), as: UTF8.self)
      guard text == "little" else { throw error("'\(folder)byteorder'", "little", text) }
    }
    let reader = StateDictionaryReader(
      path: path, members: archive.members, folder: folder,
      pickle: try Pickle(
        file.read(bytes.count, at: bytes.lowerBound), globals: StateDictionaryReader.globals,
        file: path, part: pickles[0]))
    entries = try reader.entries(byteLimit: Self.mostBytesPerByte * min(file.size, 1 << 50))
  }

  /// Whether a file begins as those that `torch.save` writes, of this or of the earlier format.
  /// Throws `FileError`.
  public static func recognises(_ path: String) throws -> Bool {
    let file = try InputFile(path)
    let start = try file.read(min(16, file.size), at: 0)
    return start.starts(with: ZipArchive.magic) || start.starts(with: legacyMagic)
  }

  /// The elements of a tensor of this file, in C order. Throws `FileError` when the disk fails.
  public func array(_ entry: Entry) throws -> NumericArray {
    var bytes = [UInt8](repeating: 0, count: entry.byteCount)
    try bytes.withUnsafeMutableBytes { try read(entry, into: $0) }
    return NumericArray(type: entry.type, shape: entry.shape, bytes: bytes)
  }

  /// Writes the elements of a tensor of this file, in C order, to memory of exactly their size.
  /// Throws `FileError` when the disk fails.
  public func read(_ entry: Entry, into buffer: UnsafeMutableRawBufferPointer) throws {
    precondition(
      buffer.count == entry.byteCount,
      "PyTorchFile.read: \(buffer.count) bytes for '\(entry.name)' of \(entry.byteCount)")
    if entry.isContiguous {
      return try file.read(into: buffer, at: entry.range.lowerBound)
    }
    let source = try file.read(entry.range.count, at: entry.range.lowerBound)
    source.withUnsafeBytes { source in
      switch entry.type.size {
      case 1: entry.gather(UInt8.self, from: source, into: buffer)
      case 2: entry.gather(UInt16.self, from: source, into: buffer)
      case 4: entry.gather(UInt32.self, from: source, into: buffer)
      default: entry.gather(UInt64.self, from: source, into: buffer)
      }
    }
  }
}

extension PyTorchFile.Entry {
  /// Of its elements in memory. That the product fits was checked when the file was opened.
  fileprivate var byteCount: Int { shape.reduce(type.size, *) }

  /// Whether the elements follow each other in C order.
  fileprivate var isContiguous: Bool {
    var count = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      guard stride == count else { return byteCount == 0 }
      count *= size
    }
    return true
  }

  /// Copies the elements, whatever their order, from the bytes of `range`.
  fileprivate func gather<Element: BitwiseCopyable>(
    _: Element.Type, from source: UnsafeRawBufferPointer,
    into target: UnsafeMutableRawBufferPointer
  ) {
    let width = MemoryLayout<Element>.size
    var index = [Int](repeating: 0, count: shape.count)
    var element = 0
    for offset in stride(from: 0, to: target.count, by: width) {
      target.storeBytes(
        of: source.loadUnaligned(fromByteOffset: element * width, as: Element.self),
        toByteOffset: offset, as: Element.self)
      for axis in shape.indices.reversed() {
        index[axis] += 1
        element += strides[axis]
        if index[axis] < shape[axis] { break }
        index[axis] = 0
        element -= shape[axis] * strides[axis]
      }
    }
  }
}
