import AthanorCore

/// The random numbers of a method, determined by seed and step, or replayed from a recording.
///
/// No random state has to be saved for a resumed run, and all micro-batches of a step get the same
/// numbers.
public final class RandomSource {
  private let seed: Int
  private var generator: Generator
  private var recorded: ArraySlice<Double>?

  public init(seed: Int) {
    self.seed = seed
    generator = Generator(seed, Self.stream, 0)
  }

  /// Makes these numbers independent of those of the loader, which has the same seed.
  private static let stream = 0x0BA1_A4CE

  /// Starts the numbers of a step. `recorded` numbers are returned in their order.
  public func begin(step: Int, recorded: [Double]? = nil) {
    generator = Generator(seed, Self.stream, step)
    self.recorded = recorded?[...]
    drawCount = 0
    mismatch = nil
  }

  /// How many numbers the step has drawn.
  public private(set) var drawCount = 0
  /// What was expected of the recording and is not in it, for a message: "orders of 0 to 2".
  public private(set) var mismatch: String?

  private func draw(_ next: (inout Generator) -> Double) -> Double {
    drawCount += 1
    guard recorded != nil else { return next(&generator) }
    guard let number = recorded?.popFirst(), number.isFinite else {
      mismatch = "a finite number for each that the method draws"
      return 0
    }
    return number
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
    let order = (0..<count).map { _ in draw { _ in 0 } }
    guard order.sorted() == (0..<count).map(Double.init) else {
      mismatch = "orders of 0 to \(count - 1)"
      return Array(0..<count)
    }
    return order.map { Int($0) }
  }
}
