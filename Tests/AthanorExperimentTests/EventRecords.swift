import AthanorCore
import TestSupport

/// A parsed protocol buffer message: its fields in order, by number.
struct ReadMessage {
  enum Value {
    case integer(UInt64)
    case bytes([UInt8])
  }

  private(set) var fields: [(number: Int, value: Value)] = []

  /// Nil where the bytes are not a message.
  init?(_ bytes: [UInt8]) {
    var position = 0
    func varint() -> UInt64? {
      var value: UInt64 = 0
      for shift in stride(from: 0, to: 64, by: 7) where position < bytes.count {
        let byte = bytes[position]
        position += 1
        value |= UInt64(byte & 0x7F) << UInt64(shift)
        if byte & 0x80 == 0 { return value }
      }
      return nil
    }
    while position < bytes.count {
      guard let key = varint() else { return nil }
      let number = Int(key >> 3)
      let length: Int
      switch key & 7 {
      case 0:
        guard let value = varint() else { return nil }
        fields.append((number, .integer(value)))
        continue
      case 1: length = 8
      case 2:
        guard let count = varint() else { return nil }
        length = Int(count)
      case 5: length = 4
      default: return nil
      }
      guard length <= bytes.count - position else { return nil }
      fields.append((number, .bytes(Array(bytes[position..<position + length]))))
      position += length
    }
  }

  func all(_ number: Int) -> [[UInt8]] {
    fields.compactMap { field in
      if field.number == number, case .bytes(let bytes) = field.value { bytes } else { nil }
    }
  }
  func messages(_ number: Int) -> [ReadMessage] { all(number).compactMap { ReadMessage($0) } }
  func message(_ number: Int) -> ReadMessage? { messages(number).first }
  func text(_ number: Int) -> String? {
    all(number).first.map { String(decoding: $0, as: UTF8.self) }
  }
  func integer(_ number: Int) -> Int? {
    for field in fields where field.number == number {
      if case .integer(let value) = field.value { return Int(bitPattern: UInt(value)) }
    }
    return nil
  }
  func double(_ number: Int) -> Double? {
    all(number).first.map { Double(bitPattern: $0.reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
  }
}

/// One value of a summary in an event file.
struct ReadSummary {
  var step: Int
  var tag: String
  var plugin: String?
  /// The plugin's own metadata message.
  var content: ReadMessage?
  var tensor: ReadMessage?
  var scalar: Float?

  /// The numbers of the tensor.
  var floats: [Float] {
    let bytes = tensor?.all(4).first ?? []
    return stride(from: 0, to: bytes.count, by: 4).map {
      Float(bitPattern: bytes[$0..<$0 + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
  }
  var shape: [Int] { tensor?.message(2)?.messages(2).compactMap { $0.integer(1) } ?? [] }

  /// All values in a file, in order.
  static func all(in path: String) throws -> [ReadSummary] {
    let bytes = try AtomicFile.read(path)
    var (summaries, position) = ([ReadSummary](), 0)
    while position + 16 <= bytes.count {
      let length = Int(bytes[position..<position + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
      let event = ReadMessage(Array(bytes[position + 12..<position + 12 + length]))
      position += length + 16
      for value in event?.message(5)?.messages(1) ?? [] {
        let metadata = value.message(9)
        summaries.append(
          ReadSummary(
            step: event?.integer(2) ?? 0, tag: value.text(1) ?? "",
            plugin: metadata?.message(1)?.text(1), content: metadata?.message(1)?.message(2),
            tensor: value.message(8),
            scalar: value.all(2).first.map {
              Float(bitPattern: $0.reversed().reduce(0) { $0 << 8 | UInt32($1) })
            }))
      }
    }
    return summaries
  }
}
