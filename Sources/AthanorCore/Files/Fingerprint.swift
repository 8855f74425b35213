/// A hash by which two contents are told apart: FNV-1a of 64 bits, no guard against forgery.
///
/// Source: Fowler, Noll & Vo, The FNV Non-Cryptographic Hash Algorithm (IETF draft), 2012.
public struct Fingerprint: Equatable, Sendable {
  private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

  public init(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  /// Of a file's bytes. Throws `FileError`.
  public init(contentsOf path: String) throws { self.init(try AtomicFile.read(path)) }

  /// Sixteen digits.
  public var digits: String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
