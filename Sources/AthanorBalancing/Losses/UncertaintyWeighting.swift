import AthanorCore
import AthanorTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Weights learned from each task's homoscedastic uncertainty: s = ln σ² minimises the
/// total itself.
///
/// The total of a task with loss L, by `form`:
///
///     kendall  regression ½e⁻ˢL + s/2, classification e⁻ˢL + s/2
///     libmtl   ½(e⁻ˢL + s)
///     exp      e⁻ˢL + s
///     liebel   ½L/c² + ln(1 + c²), c² = eˢ
///
/// Adam (β .9, .999, ε 1e-8) updates s without weight decay, only on steps where its task is
/// present. With `bound: tanh`, s = 3·tanh(ŝ/3) and ŝ is what is updated, so that weights stay
/// within e⁻³…e³. Equilibrium with `bound: none`: s = ln L (libmtl, exp, kendall regression), ln 2L
/// (kendall classification), c² = (L + √(L² + 8L))/4 (liebel).
///
/// Errors: throws `SettingsError` for an `init` that `tanh` cannot reach or a learning rate of 0.
/// Source: Kendall, Gal & Cipolla, CVPR 2018, eq. 7 and 10; Liebel & Körner 2018, eq. 3.
public final class UncertaintyWeighting: LossWeighting {
  public enum Form: String, Codable, CaseIterable, Sendable { case kendall, libmtl, exp, liebel }
  public enum Bound: String, Codable, CaseIterable, Sendable { case tanh, none }

  public struct Options: Codable, Sendable, DefaultInitializable {
    public var form = Form.kendall
    /// The first s of every task; by default 0, −½ for `libmtl`.
    public var initial: Double?
    /// Adam's learning rate for s.
    public var lr = 0.025
    public var bound = Bound.tanh

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case form
      case initial = "init"
      case lr, bound
    }
  }

  public static let name = "uncertainty"
  public static let summary = "weights learned from task uncertainty (kendall, libmtl, exp, liebel)"
  public static let source = "Kendall et al. 2018; Liebel & Körner 2018"
  private static let reach = 3.0

  private let options: Options
  private var tasks: [BalancedTask] = []
  /// ŝ, one for each task.
  private var raw: [Double] = []
  private var adam: Adam

  public init(_ options: Options) throws {
    self.options = options
    try requirePositive(options.lr, "lr")
    adam = Adam(learningRate: options.lr)
    if let start = options.initial,
      !(start.isFinite && (options.bound == .none || abs(start) < Self.reach))
    {
      throw SettingsError(
        key: "init", expected: "a finite number, between -3 and 3 where bound is tanh",
        received: "\(start)")
    }
  }

  /// With the default of each option that is not given.
  public convenience init(
    form: Form = Options().form, initial: Double? = nil, lr: Double = Options().lr,
    bound: Bound = Options().bound
  ) throws {
    var options = Options()
    options.form = form
    options.initial = initial
    options.lr = lr
    options.bound = bound
    try self.init(options)
  }

  public func begin(_ tasks: [BalancedTask], _ random: RandomSource) {
    self.tasks = tasks
    let start = options.initial ?? (options.form == .libmtl ? -0.5 : 0)
    let hidden =
      options.bound == .tanh ? Self.reach * atanh(start / Self.reach) : start
    raw = tasks.map { _ in hidden }
    adam.begin(count: tasks.count)
  }

  /// s of each task.
  public var logVariances: [Double] {
    raw.map { options.bound == .tanh ? Self.reach * tanh($0 / Self.reach) : $0 }
  }

  public var sigmas: [Double]? { logVariances.map { exp($0 / 2) } }

  public func weights(_ losses: [Double], of tasks: [Int]) -> [Double] {
    let s = logVariances
    return tasks.map { weight($0, s[$0]) }
  }

  private func weight(_ i: Int, _ s: Double) -> Double {
    switch options.form {
    case .kendall: tasks[i].kind == .regression ? 0.5 * exp(-s) : exp(-s)
    case .libmtl, .liebel: 0.5 * exp(-s)
    case .exp: exp(-s)
    }
  }

  public func regularizer(_ losses: [Double], of tasks: [Int]) -> Double {
    let s = logVariances
    return tasks.reduce(0) { sum, i in
      switch options.form {
      case .kendall, .libmtl: sum + s[i] / 2
      case .exp: sum + s[i]
      case .liebel: sum + log1p(exp(s[i]))
      }
    }
  }

  /// d total / ds = −w·L + the derivative of the regulariser.
  private func derivative(_ i: Int, _ s: Double, _ loss: Double) -> Double {
    let pull =
      switch options.form {
      case .kendall, .libmtl: 0.5
      case .exp: 1.0
      case .liebel: 1 / (1 + exp(-s))
      }
    return pull - weight(i, s) * loss
  }

  public func update(_ losses: [Double], of tasks: [Int]) {
    let s = logVariances
    let derivatives = zip(tasks, losses).map { i, loss in
      let derivative = derivative(i, s[i], loss)
      let reached = s[i] / Self.reach
      return options.bound == .tanh ? derivative * (1 - reached * reached) : derivative
    }
    adam.update(&raw, derivatives, of: tasks)
  }

  public func range(ofState entry: String, after updates: Int) -> StateRange {
    Adam.range(ofState: entry, after: updates)
  }

  public var state: [String: Tensor] {
    get { adam.state.merging(["raw": Tensor(raw)]) { $1 } }
    set {
      adam.state = newValue
      raw.restore(newValue["raw"])
    }
  }
}
