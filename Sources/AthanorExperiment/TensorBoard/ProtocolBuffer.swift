/// A protocol buffer message being written, field by field.
struct ProtocolBuffer {
  private(set) var bytes: [UInt8] = []

  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func append(key field: UInt64, wireType: UInt64) {
    append(varint: field << 3 | wireType)
  }

  mutating func set(_ field: UInt64, to value: Int) {
    append(key: field, wireType: 0)
    append(varint: UInt64(bitPattern: Int64(value)))
  }

  mutating func set(_ field: UInt64, to value: Double) {
    append(key: field, wireType: 1)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  mutating func set(_ field: UInt64, to value: Float) {
    append(key: field, wireType: 5)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  mutating func set(_ field: UInt64, to value: [UInt8]) {
    append(key: field, wireType: 2)
    append(varint: UInt64(value.count))
    bytes += value
  }

  mutating func set(_ field: UInt64, to value: String) { set(field, to: Array(value.utf8)) }

  mutating func set(_ field: UInt64, to message: ProtocolBuffer) { set(field, to: message.bytes) }
}
