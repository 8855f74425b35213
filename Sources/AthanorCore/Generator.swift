#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A seeded random generator: xoshiro256** (Blackman & Vigna 2018), seeded through SplitMix64.
///
/// A generator is created where it is needed: `Generator(seed, epoch, sample)` always gives the
/// same numbers, so that no random state has to be saved for a resumed run.
public struct Generator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  public init(_ address: Int...) { self.init(address) }

  public init(_ address: [Int]) {
    var mixed: UInt64 = 0x9E37_79B9_7F4A_7C15
    for part in address {
      mixed = Self.splitMix(mixed ^ UInt64(bitPattern: Int64(part)))
    }
    let a = Self.splitMix(mixed)
    let b = Self.splitMix(a)
    let c = Self.splitMix(b)
    state = (a, b, c, Self.splitMix(c) | 1)
  }

  private static func splitMix(_ seed: UInt64) -> UInt64 {
    var z = seed &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  public mutating func next() -> UInt64 {
    func rotated(_ x: UInt64, by k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotated(state.1 &* 5, by: 7) &* 9
    let t = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= t
    state.3 = rotated(state.3, by: 45)
    return result
  }

  /// A number in `[0, 1)`, from the upper 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number in `[low, high)`.
  public mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }

  /// A number from N(0, 1) (Box & Muller 1958).
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  /// An integer in `range`, without modulo bias (Lemire 2019, with rejection).
  public mutating func integer(in range: Range<Int>) -> Int {
    precondition(!range.isEmpty, "Generator.integer: the range \(range) is empty")
    let bound = UInt64(range.count)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return range.lowerBound + Int(product.high)
  }

  /// True with the given probability.
  public mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

  /// A random order of `0..<count` (Fisher–Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    guard count > 1 else { return order }
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, integer(in: 0..<(i + 1))) }
    return order
  }
}
