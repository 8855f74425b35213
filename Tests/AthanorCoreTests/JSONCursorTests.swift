import AthanorCore
import Foundation
import Testing

@Suite struct JSONCursorTests {
  private func cursor(_ text: String) -> JSONCursor {
    JSONCursor(JSONText(Array(text.utf8), file: "a.json"))
  }

  private func double(_ text: String) throws -> Double {
    var cursor = cursor(text)
    let value = try cursor.double()
    try cursor.end()
    return value
  }

  @Test func readsWhatIsAskedForAndSkipsTheRest() throws {
    var reader = cursor(
      #" {"skip": [{"a": [1, {}, [], "x\"]"]}, null, NaN, -Infinity], "n": -12, "w": 3.0, "#
        + #""t": "a\u00e9\ud83d\ude00", "b": true, "z": null, "key": "k"} "#)
    var seen: [String] = []
    var read: [JSON] = []
    try reader.object { key, value in
      seen.append(key.string)
      switch key {
      case "n", "w": read.append(.integer(try value.integer()))
      case "t": read.append(.string(try value.string()))
      case "b": read += [.bool(try value.isNull()), .bool(try value.bool())]
      case "z": read.append(.bool(try value.isNull()))
      case "key": read.append(.bool(key == "key"))
      default: break
      }
    }
    try reader.end()
    #expect(seen == ["skip", "n", "w", "t", "b", "z", "key"])
    #expect(read == [-12, 3, "aé😀", false, true, true, true])
  }

  @Test func wholeNumbersAreExactOrRefused() throws {
    for text in ["640", "640.0", "6.4e2", "\"640\"", "\" 640.0 \""] {
      var reader = cursor(text)
      #expect(try reader.wholeNumber() == 640)
    }
    for text in ["1e300", "640.5", "NaN", "\"nan\"", "\"1e300\"", "\"6 40\"", "\"\"", "null", "[]"]
    {
      var reader = cursor(text)
      #expect(throws: JSONError.self) { try reader.wholeNumber() }
    }
    var sides = cursor("[null, 0, 12]")
    var read: [Int?] = []
    try sides.array { _, side in read.append(try side.side()) }
    #expect(read == [nil, nil, 12])
    var negative = cursor("-1")
    #expect(throws: JSONError.self) { try negative.side() }
  }

  @Test func aKeyThatMayOccurOnce() throws {
    var reader = cursor(#"{"a": 1, "b": {"a": 2}, "a": 3}"#)
    let error = #expect(throws: JSONError.self) { try reader.uniqueObject { _, _ in } }
    #expect(error?.key == "a" && error?.column == 30)
  }

  @Test func valuesAreReadLaterAtTheirOffset() throws {
    let text = JSONText(Array(#"{"a": [1, 2], "b": "c"}"#.utf8), file: nil)
    var offsets: [Int] = []
    var reader = JSONCursor(text)
    try reader.object { _, value in offsets.append(value.offset) }
    var first = JSONCursor(text, at: offsets[0])
    var second = JSONCursor(text, at: offsets[1])
    #expect(try first.value() == [1, 2])
    #expect(try second.string() == "c")
  }

  @Test func errorsNameThePlaceAndTheKey() throws {
    let error = try #require(throws: JSONError.self) {
      var reader = cursor("{\"annotations\": [{}, {\n  \"bbox\": [1, NaN]}]}")
      try reader.object { _, list in
        try list.array { _, annotation in
          try annotation.object { _, box in
            try box.array { _, number in _ = try number.double() }
          }
        }
      }
    }
    #expect(
      "\(error)"
        == "a.json:2:15: annotations[1].bbox[1]: expected a number, received NaN")
    let text = try #require(throws: JSONError.self) { try double(#""1""#) }
    #expect("\(text)" == #"a.json:1:1: expected a number, received "1""#)
  }

  @Test(arguments: [
    "{\"a\" 1}", "[1 2]", "{\"a\":[}", "[nul]", "[-]", "[1.]", "[01]", "[1e]",
    "[\"\\x\"]", "[\"\\ud800\"]", "[\"\u{1}\"]", "[\"", "{", "[", "[1,", "{\"a\":", "[+1]", "[.5]",
    "[Nan]", "[1,]", "{\"a\":1,}", "]", "[}", "{]",
  ])
  func skippingRefusesWhatIsNotJSON(text: String) {
    #expect(throws: JSONError.self) {
      var reader = cursor(text)
      try reader.skip()
      try reader.end()
    }
  }

  @Test func depthIsBounded() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    var reader = cursor(nested(100))
    try reader.skip()
    try reader.end()
    #expect(throws: JSONError.self) {
      var reader = cursor(nested(101))
      try reader.skip()
    }
    #expect(throws: JSONError.self) {
      var reader = cursor(String(repeating: "{\"a\":", count: 1_000_000))
      try reader.skip()
    }
  }

  @Test func otherEncodingsAreNamed() throws {
    let folder = try TemporaryFolder()
    for (bytes, name) in [
      ([0xFF, 0xFE, 0x7B, 0, 0x7D, 0], "UTF-16 (little endian)"),
      ([0, 0x7B, 0, 0x7D], "UTF-16 (big endian)"),
    ] as [([UInt8], String)] {
      try AtomicFile.write(bytes, to: folder.file("a.json"))
      let error = try #require(throws: JSONError.self) {
        try JSON(contentsOf: folder.file("a.json"))
      }
      #expect(error.received == name)
    }
    try AtomicFile.write([0xEF, 0xBB, 0xBF, 0x5B, 0x5D], to: folder.file("b.json"))
    #expect(try JSON(contentsOf: folder.file("b.json")) == [])
    // "中" in GBK.
    let error = try #require(throws: JSONError.self) {
      try JSON(parsing: [0x22, 0xD6, 0xD0, 0x22])
    }
    #expect(error.expected == "UTF-8 text" && error.received.contains("GBK"))
    // A whole page of text, behind which no byte of the file follows.
    let page = "[" + String(repeating: " ", count: 4094) + "]"
    try AtomicFile.write(page, to: folder.file("c.json"))
    #expect(try JSON(contentsOf: folder.file("c.json")) == [])
    try AtomicFile.write(String(page.dropLast()) + "1", to: folder.file("c.json"))
    #expect(throws: JSONError.self) { try JSON(contentsOf: folder.file("c.json")) }
    try AtomicFile.write("", to: folder.file("d.json"))
    #expect(throws: JSONError.self) { try JSON(contentsOf: folder.file("d.json")) }
  }

  /// Bytes changed, cut and repeated: an error or a value, and skipping and reading agree.
  @Test func malformedBytesNeverTrap() throws {
    let seed = Array(
      #"{"a":[1,-2.5e3,{"b":"x\u00e9\ud83d\ude00\\"},true,false,null,[[]]],"c":{"d":0.1}}"#.utf8)
    var random = Generator(3)
    for _ in 0..<50_000 {
      var bytes = seed
      for _ in 0..<random.integer(in: 1..<4) {
        let i = random.integer(in: 0..<bytes.count)
        switch random.integer(in: 0..<4) {
        case 0: bytes[i] = UInt8(random.integer(in: 0..<256))
        case 1: bytes.remove(at: i)
        case 2: bytes.insert(bytes[random.integer(in: 0..<bytes.count)], at: i)
        default: bytes = Array(bytes[...i])
        }
        if bytes.isEmpty { bytes = [0x20] }
      }
      let tree = try? JSON(parsing: bytes)
      var reader = JSONCursor(JSONText(bytes, file: nil))
      let skipped: Void? = try? {
        try reader.skip()
        try reader.end()
      }()
      // What is read can be skipped; the tree asks for more: UTF-8, finite numbers, unique keys.
      if tree != nil { #expect(skipped != nil, "\(String(decoding: bytes, as: UTF8.self))") }
    }
  }

  /// Spellings of all lengths and magnitudes: the bits are those of `strtod`.
  @Test func numbersAreCorrectlyRounded() throws {
    var random = Generator(11)
    func digits(_ count: Int) -> String {
      String((0..<count).map { _ in Character("\(random.integer(in: 0..<10))") })
    }
    var spellings: [String] = [
      "0", "-0", "0.0", "-0.0e5", "4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324",
      "2.2250738585072011e-308", "2.2250738585072014e-308", "1.7976931348623157e308",
      "9007199254740993", "9007199254740992.5", "9007199254740993.0000000000000000000000001",
      "18446744073709551615", "18446744073709551616", "0.00000000000000000000000000012345",
      "1e22", "1e23", "123456789012345678e-27",
      "0.5000000000000000277555756156289135105907917022705",
    ]
    for i in 0..<1_000_000 {
      switch i % 6 {
      case 0: spellings.append("0." + digits(random.integer(in: 15..<18)))
      case 1:
        spellings.append("\(random.integer(in: 1..<1000)).\(digits(random.integer(in: 1..<20)))")
      case 2:
        spellings.append(
          "\(random.integer(in: 1..<10)).\(digits(random.integer(in: 1..<22)))"
            + "e\(random.integer(in: -330..<300))")
      case 3: spellings.append("\(Double(bitPattern: random.next() & 0x7FEF_FFFF_FFFF_FFFF))")
      case 4:
        // Half way between two numbers, exactly or nearly.
        let odd = (UInt64(1) << 53 | random.next() >> 11) << 1 | 1
        let power = random.integer(in: 1..<8)
        let scaled = odd.multipliedFullWidth(by: 1)
        let whole = "\(scaled.low >> UInt64(power))"
        let fraction = Double(scaled.low & (1 << UInt64(power) - 1)) / Double(1 << power)
        spellings.append(whole + "\(fraction)".dropFirst())
      default: spellings.append("-" + digits(3).drop { $0 == "0" } + "1" + "." + digits(9))
      }
    }
    var wrong = 0
    for spelling in spellings
    where try double(spelling).bitPattern != strtod(spelling, nil).bitPattern {
      wrong += 1
      if wrong < 10 { Issue.record("\(spelling): \(try double(spelling))") }
    }
    #expect(wrong == 0)
    #expect(throws: JSONError.self) { try double("1e309") }
  }
}
