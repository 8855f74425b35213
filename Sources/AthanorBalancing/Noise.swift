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
    demand = 0
    fault = nil
  }

  /// How many numbers the step has asked for.
  public private(set) var demand = 0
  /// What was asked of the record that it does not hold, for a message: "an order of 0 to 2".
  public private(set) var fault: String?

  private func draw(_ next: (inout Generator) -> Double) -> Double {
    demand += 1
    guard recorded != nil else { return next(&generator) }
    guard let number = recorded?.popFirst(), number.isFinite else {
      fault = "a finite number for each that the method draws"
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
      fault = "orders of 0 to \(count - 1)"
      return Array(0..<count)
    }
    return order.map { Int($0) }
  }
}
