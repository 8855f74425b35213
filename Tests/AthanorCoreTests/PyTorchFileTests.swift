import AthanorCore
import Foundation
import Testing

@Suite struct PyTorchFileTests {
  /// Every entry of `name` with the type, shape and bytes that safetensors has of it.
  @Test(arguments: [("state", "state", 24), ("protocol5", "state", 4), ("wrapped", "wrapped", 2)])
  func tensorsAreThoseThatPyTorchSaved(name: String, expected: String, count: Int) throws {
    let file = try PyTorchFile(pyTorchFixture("\(name).pth"))
    let safe = try SafeTensors(pyTorchFixture("\(expected).safetensors"))
    #expect(file.entries.count == count)
    for entry in file.entries {
      #expect(try file.array(entry) == safe.array(entry.name), "\(entry.name)")
    }
  }

  @Test(arguments: [
    ("namespace", "argparse.Namespace"), ("legacy", "torch.save(torch.load(FILE, \"cpu\"), NEW)"),
  ])
  func refusedFilesOfPyTorch(name: String, part: String) throws {
    let path = pyTorchFixture("\(name).pth")
    let error = #expect(throws: ContentError.self) { try PyTorchFile(path) }
    #expect("\(error!)".hasPrefix(path))
    #expect(error!.received.contains(part))
    #expect(try PyTorchFile.recognises(path))
  }

  @Test func onlyFilesOfPyTorchAreRecognised() throws {
    #expect(try PyTorchFile.recognises(pyTorchFixture("state.pth")))
    #expect(try !PyTorchFile.recognises(pyTorchFixture("state.safetensors")))
    let folder = try TemporaryFolder()
    for bytes in [[], Array("PK".utf8), [0x80, 2, 0, 0, 0, 0, 0, 0, 0x7B]] as [[UInt8]] {
      try AtomicFile.write(bytes, to: folder.file("a"))
      #expect(try !PyTorchFile.recognises(folder.file("a")))
      #expect(throws: ContentError.self) { try PyTorchFile(folder.file("a")) }
    }
  }

  // MARK: Pickles

  /// The entries of an archive with this pickle and a storage of six floats, or what is said of it.
  private func read(
    _ pickle: [UInt8], _ change: (inout TestArchive) -> Void = { _ in }
  ) throws -> String {
    let folder = try TemporaryFolder()
    let path = folder.file("a.pth")
    let floats: [Float] = [0, 1, 2, 3, 4, 5]
    var archive = TestArchive(
      pickle: pickle, storages: [floats.withUnsafeBytes { Array($0) }])
    change(&archive)
    try AtomicFile.write(archive.bytes, to: path)
    do {
      let file = try PyTorchFile(path)
      return try file.entries.map {
        "\($0.name) \(try file.array($0).floats().map { Int($0) })"
      }.joined(separator: ", ")
    } catch {
      let text = "\(error)"
      #expect(text.hasPrefix("\(path): "))
      return String(text.dropFirst(path.utf8.count + 2))
    }
  }

  private let row = TestPickle.tensor(count: 6, shape: [6], strides: [1])

  @Test func wrappersAreTriedInOrder() throws {
    func dictionary(_ name: String) -> [UInt8] {
      [0x7D] + TestPickle.text(name) + row + [0x73]
    }
    let others: [(String, [UInt8])] = [("epoch", [0x4B, 3]), ("model_ema", dictionary("ema"))]
    #expect(try read(TestPickle.dictionary(others)) == "ema [0, 1, 2, 3, 4, 5]")
    #expect(
      try read(TestPickle.dictionary(others + [("state_dict", dictionary("own"))]))
        == "own [0, 1, 2, 3, 4, 5]")
    // A tensor of this name is none.
    #expect(try read(TestPickle.dictionary([("model", row)])) == "model [0, 1, 2, 3, 4, 5]")
    #expect(try read(TestPickle.dictionary([])) == "")
  }

  @Test func whatIsNoStateDictionary() throws {
    #expect(
      try read(TestPickle.whole([0x4B, 3]))
        == "the file: expected a state dictionary, received the number 3")
    #expect(
      try read(TestPickle.dictionary([("a", row), ("net", [0x7D])])) == """
        'net': expected a tensor (a state dictionary of its own is read under 'state_dict', \
        'model', 'model_ema', 'state_dict_ema'), received a dictionary
        """)
    #expect(
      try read(TestPickle.dictionary([("a", row), ("a", row)]))
        == "'a': expected one tensor of this name, received two")
    #expect(
      try read(TestPickle.whole([0x7D, 0x4B, 1] + row + [0x73]))
        == "the file: expected names as the state dictionary's keys, received the number 1")
  }

  @Test(arguments: [
    ("posix", "system"), ("os", "system"), ("builtins", "eval"), ("argparse", "Namespace"),
    ("torch", "ComplexFloatStorage"), ("torch._utils", "_rebuild_qtensor"),
    ("torch._utils._rebuild_tensor_v2", "x"), ("", ""), ("numpy.core.multiarray", "scalar"),
  ])
  func otherGlobalsAreRefused(module: String, name: String) throws {
    let call = TestPickle.call(module, name, [TestPickle.text("touch run")])
    let stack = TestPickle.text(module) + TestPickle.text(name) + [0x93]
    for value in [call, stack, stack + [0x29, 0x52]] {
      let message = try read(TestPickle.dictionary([("a", row), ("b", value)]))
      #expect(
        message.contains(
          """
          expected a state dictionary, which names only collections.OrderedDict, \
          torch._utils._rebuild_tensor_v2, torch._utils._rebuild_parameter, \
          torch._utils._rebuild_parameter_with_state, torch.FloatStorage, torch.DoubleStorage, \
          torch.HalfStorage, torch.BFloat16Storage, torch.LongStorage, torch.IntStorage, \
          torch.ShortStorage, torch.CharStorage, torch.ByteStorage, torch.BoolStorage, received \
          \(module).\(name); save the weights alone
          """), "\(message)")
    }
  }

  @Test(arguments: [
    (0x69, "opcode 0x69"), (0x6F, "opcode 0x6f"), (0x81, "opcode 0x81"), (0x82, "opcode 0x82"),
    (0x50, "opcode 0x50"), (0x30, "opcode 0x30"), (0x8F, "opcode 0x8f"), (0xFF, "opcode 0xff"),
  ])
  func otherOpcodesAreRefused(opcode: UInt8, text: String) throws {
    let message = try read([0x80, 2, opcode, 0x2E])
    #expect(
      message.hasPrefix("a/data.pkl at byte 2: expected an opcode of state dictionaries (MARK,"))
    #expect(message.hasSuffix("received \(text)"))
  }

  /// Stacks, memos and calls that no pickler writes.
  @Test(arguments: [
    [0x80, 1, 0x4E, 0x2E], [0x80, 6, 0x4E, 0x2E], [0x2E], [], [0x52, 0x2E], [0x28, 0x2E],
    [0x4E, 0x28, 0x2E], [0x4E, 0x4E, 0x2E], [0x4E, 0x2E, 0x2E], [0x74, 0x2E], [0x75, 0x2E],
    [0x4E, 0x28, 0x85, 0x2E], [0x7D, 0x28, 0x4E, 0x75, 0x2E], [0x4E, 0x4E, 0x4E, 0x73, 0x2E],
    [0x68, 0, 0x2E], [0x6A, 255, 255, 255, 255, 0x2E], [0x71, 0, 0x2E], [0x94, 0x2E],
    [0x4E, 0x4E, 0x61, 0x2E], [0x4E, 0x28, 0x65, 0x2E], [0x4E, 0x4E, 0x62, 0x2E],
    [0x4E, 0x29, 0x52, 0x2E], [0x58, 255, 255, 255, 255, 0x2E], [0x58, 1, 0, 0, 0, 0xFF, 0x2E],
    [0x95, 255, 255, 255, 255, 255, 255, 255, 255, 0x2E], [0x8A, 255, 0x2E], [0x63, 0x61, 0x2E],
    [0x4E, 0x4E, 0x93, 0x2E], [0x51, 0x2E],
  ])
  func damagedPicklesAreRefused(pickle: [UInt8]) throws {
    #expect(try read(pickle).hasPrefix("a/data.pkl at byte "))
  }

  /// Values in themselves, a million in one another, and far memo keys cost nothing.
  @Test func deepAndCyclicPickles() throws {
    let many = 1_000_000
    func nested(_ opcodes: [UInt8]) -> [UInt8] {
      Array(repeatElement(opcodes, count: many).joined())
    }
    let cyclic: [UInt8] =
      [0x5D, 0x71, 0, 0x68, 0, 0x61] + [0x72, 255, 255, 255, 255, 0x6A, 255, 255, 255, 255, 0x61]
    for value in [
      [0x4E] + nested([0x85]), nested([0x5D]) + nested([0x61]).dropLast(),
      nested([0x28]) + nested([0x74]), cyclic,
      [0x7D, 0x71, 0] + TestPickle.text("self") + [0x68, 0, 0x73],
    ] {
      #expect(
        try read(TestPickle.dictionary([("others", value), ("state_dict", [0x7D])])) == "")
    }
    #expect(try read(nested([0x28])).hasPrefix("a/data.pkl at byte 1000000: "))
    let itself: [UInt8] = [0x7D, 0x71, 0] + TestPickle.text("state_dict") + [0x68, 0, 0x73]
    #expect(try read(TestPickle.whole(itself)).contains("received a dictionary"))
  }

  // MARK: Tensors

  @Test func viewsOfAStorage() throws {
    func view(_ offset: Int, _ shape: [Int], _ strides: [Int]) throws -> String {
      let tensor = TestPickle.tensor(count: 6, offset: offset, shape: shape, strides: strides)
      return try read(TestPickle.dictionary([("a", tensor)]))
    }
    #expect(try view(0, [2, 3], [3, 1]) == "a [0, 1, 2, 3, 4, 5]")
    #expect(try view(0, [3, 2], [1, 3]) == "a [0, 3, 1, 4, 2, 5]")
    #expect(try view(1, [2, 2], [3, 1]) == "a [1, 2, 4, 5]")
    #expect(try view(5, [], []) == "a [5]")
    #expect(try view(2, [1, 2], [99, 3]) == "a [2, 5]")
    #expect(try view(4, [3, 2], [0, 1]) == "a [4, 5, 4, 5, 4, 5]")
    #expect(try view(9, [0, .max], [.max, .max]).contains("product fits 64 bits"))
    #expect(try view(9, [2, 0], [5, 1]) == "a []")
    for (offset, shape, strides) in [
      (6, [], []), (0, [7], [1]), (1, [2, 3], [3, 1]), (0, [2, 3], [4, 1]), (0, [3], [3]),
      (-1, [2], [1]), (5, [2], [-1]), (0, [2], []), (0, [], [1]), (.max, [2], [1]),
      (1, [2], [.max]), (0, [3], [1 << 62]),
    ] as [(Int, [Int], [Int])] {
      let message = try view(offset, shape, strides)
      #expect(
        message.hasPrefix("'a': expected a view of the 6 elements of its storage, received shape"))
    }
    #expect(try view(0, [-1], [1]).contains("product fits 64 bits"))
    #expect(try view(0, [1 << 40, 1 << 40], [0, 0]).contains("product fits 64 bits"))
    #expect(try view(0, [1 << 40], [0]).contains("'a': expected tensors that take at most "))
  }

  @Test func storagesThatAreNotThere() throws {
    func message(_ tensor: [UInt8]) throws -> String {
      try read(TestPickle.dictionary([("a", tensor)]))
    }
    #expect(
      try message(TestPickle.tensor(key: "1", count: 6, shape: [6], strides: [1]))
        == "'a': expected the archive's member 'a/data/1', received an archive without it")
    for count in [5, 7, -1, .max] {
      #expect(
        try message(TestPickle.tensor(count: count, shape: [1], strides: [1]))
          == "'a': expected 24 bytes, as member 'a/data/0' has, received \(count) elements of f32")
    }
    #expect(
      try message(TestPickle.tensor("DoubleStorage", count: 6, shape: [1], strides: [1]))
        .contains("received 6 elements of f64"))
    let parameter = TestPickle.call(
      "torch._utils", "_rebuild_parameter", [TestPickle.call("torch", "LongStorage", [])])
    #expect(try message(parameter).contains("received what torch.LongStorage makes"))
    let empty = TestPickle.call("torch._utils", "_rebuild_tensor_v2", [])
    #expect(try message(empty).contains("expected a tensor's storage, offset, shape and strides"))
  }

  // MARK: Archives

  @Test func archives() throws {
    let pickle = TestPickle.dictionary([("a", row)])
    let good = "a [0, 1, 2, 3, 4, 5]"
    #expect(try read(pickle) == good)
    #expect(try read(pickle) { $0.isZip64 = true } == good)
    #expect(try read(pickle) { $0.comment = Array("PK\u{5}\u{6} a comment".utf8) } == good)
    #expect(try read(pickle) { $0.members.append(("a/byteorder", Array("little".utf8))) } == good)
    #expect(
      try read(pickle) { $0.members.append(("a/byteorder", Array("big".utf8))) }
        == "'a/byteorder': expected little, received big")
    #expect(
      try read(pickle) { $0.method = 8 } == """
        'a/data.pkl': expected a member stored without compression, as torch.save writes it, \
        received compression method 8
        """)
    for flags in [1, 0x41, 0x2001] as [UInt16] {
      #expect(
        try read(pickle) { $0.flags = flags }
          == "'a/data.pkl': expected a member that is not encrypted, received an encrypted one")
    }
    #expect(
      try read(pickle) { $0.members.append($0.members[0]) }
        == "'a/data.pkl': expected one member of this name, received two")
    #expect(
      try read(pickle) { $0.members[0].name = "x.npy" }
        == "the archive: expected one member NAME/data.pkl, received 0")
    #expect(
      try read(pickle) { $0.members.append(("b/data.pkl", [])) }
        == "the archive: expected one member NAME/data.pkl, received 2")
    #expect(
      try read(pickle) { $0.localName = "a/data.pkk" }
        == "'a/data.pkl': expected a header of this name at byte 0, received other bytes")
    for shift in [-1, 1, 1000, 1 << 31] {
      for isZip64 in [false, true] {
        let message = try read(pickle) { ($0.isZip64, $0.directoryShift) = (isZip64, shift) }
        #expect(message.hasPrefix("the archive's directory: expected a zip archive's, received"))
      }
    }
  }

  @Test func sizesOfMembersThatAreOnlyClaimed() throws {
    let pickle = TestPickle.dictionary([("a", row)])
    for size in [1 << 20, 1 << 40, 1 << 63, .max] as [UInt64] {
      let message = try read(pickle) { ($0.isZip64, $0.size) = (true, size) }
      #expect(message.hasPrefix("'a/data.pkl': expected a member before the directory at byte"))
    }
  }

  // MARK: Damage

  @Test func cutFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.pth")
    for name in ["state", "wrapped"] {
      let bytes = try AtomicFile.read(pyTorchFixture("\(name).pth"))
      try AtomicFile.write(bytes, to: path)
      for length in bytes.indices.reversed() {
        truncate(path, off_t(length))
        #expect(throws: ContentError.self) { try PyTorchFile(path) }
      }
    }
    let pickle = TestPickle.dictionary([("a", row)])
    for length in pickle.indices {
      #expect(try read(Array(pickle[..<length])).hasPrefix("a/data.pkl at byte "))
    }
  }

  @Test(arguments: ["state", "protocol5", "wrapped", "namespace", "legacy"])
  func mutatedBytesAreReadOrRefused(name: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.pth")
    let bytes = try AtomicFile.read(pyTorchFixture("\(name).pth"))
    let rounds = ProcessInfo.processInfo.environment["ATHANOR_FUZZ"].flatMap(Int.init) ?? 1000
    var generator = Generator(5)
    try AtomicFile.write(bytes, to: path)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    for _ in 0..<rounds {
      var mutated = bytes
      for _ in 0..<generator.integer(in: 1..<6) {
        mutated[generator.integer(in: 0..<bytes.count)] = UInt8(generator.integer(in: 0..<256))
      }
      // In place: a file written anew may wait for the disk.
      try file.seek(toOffset: 0)
      try file.write(contentsOf: mutated)
      do {
        let file = try PyTorchFile(path)
        for entry in file.entries { _ = try file.array(entry).floats() }
      } catch { #expect(error is ContentError) }
    }
  }
}
