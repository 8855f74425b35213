import AthanorCore
import AthanorKernels
import AthanorTensor

/// s of each task, which minimises Σ eˢL − s.
public struct LearnedScales {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Adam's learning rate for s.
    public var lr = 0.025

    public init() {}
  }

  private var logScales: [Double] = []
  private var adam: Adam

  init(_ options: Options) throws {
    try requirePositive(options.lr, "lr")
    adam = Adam(learningRate: options.lr)
  }

  mutating func begin(count: Int) {
    logScales = [Double](repeating: 0, count: count)
    adam.begin(count: count)
  }

  /// eˢ.
  func factors(of tasks: [Int]) -> [Double] { tasks.map { .exp(logScales[$0]) } }

  /// −Σ s.
  func regularizer(of tasks: [Int]) -> Double { tasks.reduce(0) { $0 - logScales[$1] } }

  mutating func update(_ losses: [Double], of tasks: [Int]) {
    let derivatives = zip(factors(of: tasks), losses).map { $0 * $1 - 1 }
    adam.update(&logScales, derivatives, of: tasks)
  }

  var state: [String: Tensor] {
    get { adam.state.merging(["s": Tensor(logScales)]) { $1 } }
    set {
      adam.state = newValue
      logScales.restore(newValue["s"])
    }
  }
}
