import AthanorCore

/// The random numbers of a method, addressed by seed and step, or replayed from a record.
///
/// A resumed run needs no random state saved, and the micro-batches of one step see the same numbers.
public final class Noise {
  private let seed: Int
  private var generator: Generator
  private var recorded: ArraySlice<Double>?

  public init(seed: Int) {
    self.seed = seed
    generator = Generator(seed, Self.stream, 0)
  }

  /// Keeps these numbers apart from those of loading, which are addressed by the same seed.
  private static let stream = 0x0BA1_A4CE

  /// The numbers of a step begin. Those that were `recorded` are handed out in their order.
  public func begin(step: Int, recorded: [Double]? = nil) {
    generator = Generator(seed, Self.stream, step)
    self.recorded = recorded?[...]
  }

  private func draw(_ next: (inout Generator) -> Double) -> Double {
    recorded?.popFirst() ?? next(&generator)
  }

  /// From N(0, 1).
  public func normals(_ count: Int) -> [Double] {
    (0..<count).map { _ in draw { $0.normal() } }
  }

  /// From [0, 1).
  public func uniforms(_ count: Int) -> [Double] {
    (0..<count).map { _ in draw { $0.uniform() } }
  }

  /// An order of `0..<count`.
  public func permutation(_ count: Int) -> [Int] {
    guard recorded != nil else { return generator.permutation(count) }
    return (0..<count).compactMap { _ in recorded?.popFirst().map { Int($0) } }
  }
}
