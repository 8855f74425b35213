/// A hash that distinguishes contents: FNV-1a of 64 bits, not cryptographic.
///
/// Source: Fowler, Noll & Vo, The FNV Non-Cryptographic Hash Algorithm (IETF draft), 2012.
public struct Fingerprint: Equatable, Sendable {
  /// The hash.
  public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  public init(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { add(byte) }
  }

  public init(_ bytes: [UInt8]) {
    for byte in bytes { add(byte) }
  }

  private mutating func add(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
  }

  /// Adds the bytes of a number, the lowest first.
  public mutating func add(_ number: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) {
      add(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
    }
  }

  /// The hash of a file's bytes. Throws `FileError`.
  public init(contentsOf path: String) throws { self.init(try AtomicFile.read(path)) }

  /// Sixteen digits.
  public var digits: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
