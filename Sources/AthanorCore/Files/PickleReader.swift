/// The opcodes that are read, under pickle's own names.
private enum Opcode: UInt8, CaseIterable {
  case MARK = 0x28, EMPTY_TUPLE = 0x29, STOP = 0x2E, BINFLOAT = 0x47, BININT = 0x4A
  case BININT1 = 0x4B, BININT2 = 0x4D, NONE = 0x4E, BINPERSID = 0x51, REDUCE = 0x52
  case BINUNICODE = 0x58, EMPTY_LIST = 0x5D, APPEND = 0x61, BUILD = 0x62, GLOBAL = 0x63
  case APPENDS = 0x65, BINGET = 0x68, LONG_BINGET = 0x6A, BINPUT = 0x71, LONG_BINPUT = 0x72
  case SETITEM = 0x73, TUPLE = 0x74, SETITEMS = 0x75, EMPTY_DICT = 0x7D, PROTO = 0x80
  case TUPLE1 = 0x85, TUPLE2 = 0x86, TUPLE3 = 0x87, NEWTRUE = 0x88, NEWFALSE = 0x89
  case LONG1 = 0x8A, SHORT_BINUNICODE = 0x8C, STACK_GLOBAL = 0x93, MEMOIZE = 0x94, FRAME = 0x95
}

/// The machine that a pickle is written for: a stack with marks, and a memo.
struct PickleReader {
  let bytes: [UInt8]
  let globals: [String]
  let file: String
  let part: String
  var values: [Pickle.Value] = []
  var dictionaries: [[(key: Int, value: Int)]] = []
  private var position = 0
  private var stack: [Int] = []
  /// The height of the stack at each mark.
  private var marks: [Int] = []
  private var memo: [Int: Int] = [:]

  init(bytes: [UInt8], globals: [String], file: String, part: String) {
    (self.bytes, self.globals, self.file, self.part) = (bytes, globals, file, part)
  }

  mutating func read() throws -> Int {
    while true {
      let start = position
      let byte = try take(1)[start]
      guard let opcode = Opcode(rawValue: byte) else {
        let known = Opcode.allCases.map { "\($0)" }.joined(separator: ", ")
        throw error(
          "an opcode of state dictionaries (\(known))", "opcode 0x\(String(byte, radix: 16))",
          at: start)
      }
      if opcode == .STOP { break }
      do { try run(opcode) } catch let fault as Fault {
        throw error(fault.expected, fault.received, at: start)
      }
    }
    guard stack.count == 1, marks.isEmpty, position == bytes.count else {
      throw error(
        "one value at the pickle's end",
        "\(stack.count) and \(bytes.count - position) further bytes", at: position)
    }
    return stack[0]
  }

  private mutating func run(_ opcode: Opcode) throws {
    switch opcode {
    case .PROTO:
      let version = try number(1)
      guard 2...5 ~= version else { throw Fault("protocol 2 to 5", "protocol \(version)") }
    case .FRAME:
      let length = try take(8).number(8, at: position - 8)
      guard length <= UInt64(bytes.count - position) else {
        throw Fault("a frame of at most \(bytes.count - position) bytes", "\(length)")
      }
    case .MARK: marks.append(stack.count)
    case .NONE: push(.other("None"))
    case .NEWTRUE: push(.other("True"))
    case .NEWFALSE: push(.other("False"))
    case .BININT: push(.integer(Int(Int32(truncatingIfNeeded: try number(4)))))
    case .BININT1: push(.integer(try number(1)))
    case .BININT2: push(.integer(try number(2)))
    case .LONG1: push(try long(try number(1)))
    case .BINFLOAT:
      _ = try take(8)
      push(.other("a number"))
    case .BINUNICODE: push(.text(try text(try take(number(4)))))
    case .SHORT_BINUNICODE: push(.text(try text(try take(number(1)))))
    case .EMPTY_TUPLE: push(.tuple([]))
    case .TUPLE1: push(.tuple(try pop(1)))
    case .TUPLE2: push(.tuple(try pop(2)))
    case .TUPLE3: push(.tuple(try pop(3)))
    case .TUPLE: push(.tuple(try popToMark()))
    case .EMPTY_LIST: push(.list)
    case .APPEND:
      _ = try pop(1)
      try requireList()
    case .APPENDS:
      _ = try popToMark()
      try requireList()
    case .EMPTY_DICT: pushDictionary()
    case .SETITEM: try setItems(try pop(2))
    case .SETITEMS: try setItems(try popToMark())
    case .GLOBAL: try pushGlobal(try text(try line()), try text(try line()))
    case .STACK_GLOBAL:
      let names = try pop(2)
      guard case .text(let module) = values[names[0]], case .text(let name) = values[names[1]]
      else { throw Fault("two texts", values[names[0]].words) }
      try pushGlobal(module, name)
    case .REDUCE: try reduce()
    case .BUILD:
      // Attributes of an OrderedDict: `_metadata`, the modules' versions.
      _ = try pop(1)
      guard case .dictionary = values[try top()] else {
        throw Fault("attributes of a dictionary", "of \(values[try top()].words)")
      }
    case .BINPERSID: push(.persistent(try pop(1)[0]))
    case .BINPUT: memo[try number(1)] = try top()
    case .LONG_BINPUT: memo[try number(4)] = try top()
    case .MEMOIZE: memo[memo.count] = try top()
    case .BINGET: try get(try number(1))
    case .LONG_BINGET: try get(try number(4))
    case .STOP: break
    }
  }

  // MARK: Values

  private mutating func push(_ value: Pickle.Value) {
    stack.append(values.count)
    values.append(value)
  }

  private mutating func pushDictionary() {
    push(.dictionary(dictionaries.count))
    dictionaries.append([])
  }

  private mutating func pushGlobal(_ module: String, _ name: String) throws {
    let global = "\(module).\(name)"
    guard globals.contains(global) else {
      throw Fault(
        "a state dictionary, which names only \(globals.joined(separator: ", "))",
        "\(global.prefix(200)); save the weights alone: torch.save(model.state_dict(), FILE)")
    }
    push(.global(global))
  }

  private mutating func reduce() throws {
    let operands = try pop(2)
    guard case .global(let name) = values[operands[0]],
      case .tuple(let arguments) = values[operands[1]]
    else {
      throw Fault(
        "a class or function and a tuple of arguments",
        "\(values[operands[0]].words) and \(values[operands[1]].words)")
    }
    guard name == Pickle.orderedDictionary else {
      return push(.call(name, arguments: arguments))
    }
    guard arguments.isEmpty else {
      throw Fault("an empty OrderedDict to begin with", "\(arguments.count) arguments")
    }
    pushDictionary()
  }

  private mutating func setItems(_ items: [Int]) throws {
    guard case .dictionary(let index) = values[try top()], items.count.isMultiple(of: 2) else {
      throw Fault(
        "a dictionary and pairs of key and value",
        "\(values[try top()].words) and \(items.count) values")
    }
    for i in stride(from: 0, to: items.count, by: 2) {
      dictionaries[index].append((items[i], items[i + 1]))
    }
  }

  private func requireList() throws {
    guard case .list = values[try top()] else { throw Fault("a list", values[try top()].words) }
  }

  private mutating func get(_ key: Int) throws {
    guard let index = memo[key] else { throw Fault("a value kept as \(key)", "none") }
    stack.append(index)
  }

  // MARK: Stack

  private func top() throws -> Int {
    guard stack.count > marks.last ?? 0 else { throw Fault("a value on the stack", "none") }
    return stack[stack.count - 1]
  }

  private mutating func pop(_ count: Int) throws -> [Int] {
    guard stack.count - (marks.last ?? 0) >= count else {
      throw Fault("\(count) values on the stack", "\(stack.count - (marks.last ?? 0))")
    }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws -> [Int] {
    guard let mark = marks.popLast() else { throw Fault("a mark on the stack", "none") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  // MARK: Bytes

  private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else {
      throw error(
        "\(count) bytes", "the pickle's end after \(bytes.count - position)", at: position)
    }
    defer { position += count }
    return bytes[position..<(position + count)]
  }

  /// An unsigned number of at most 4 bytes.
  private mutating func number(_ size: Int) throws -> Int {
    Int(try take(size).number(size, at: position - size))
  }

  /// A number in two's complement of any length.
  private mutating func long(_ size: Int) throws -> Pickle.Value {
    let digits = try take(size)
    guard size <= 8 else { return .other("a number of more than 64 bits") }
    let unused = UInt64(64 - 8 * size)
    let bits = digits.number(size, at: digits.startIndex)
    return .integer(Int(bitPattern: UInt(bits << unused)) >> Int(unused))
  }

  private mutating func line() throws -> ArraySlice<UInt8> {
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else {
      throw Fault("a line", "the pickle's end")
    }
    defer { position = end + 1 }
    return bytes[position..<end]
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault("UTF-8 text", "other bytes")
    }
    return text
  }

  // MARK: Errors

  private struct Fault: Error {
    var expected: String
    var received: String

    init(_ expected: String, _ received: String) {
      (self.expected, self.received) = (expected, received)
    }
  }

  private func error(_ expected: String, _ received: String, at byte: Int) -> ContentError {
    ContentError(
      path: file, key: "\(part) at byte \(byte)", expected: expected, received: received)
  }
}
