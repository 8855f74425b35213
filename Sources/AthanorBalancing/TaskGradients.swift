import AthanorTensor

/// The gradient of each present task on the shared parameters: rows gᵢ of the matrix G.
public final class TaskGradients {
  /// By task and parameter; nil where the loss does not depend on the parameter.
  public let rows: [[Tensor?]]
  /// The shapes of the parameters.
  let shapes: [[Int]]
  /// The parameters of the last shared layer.
  private let lastLayer: Range<Int>
  /// GGᵀ.
  public private(set) lazy var gram = {
    var gram = rows.map { row in rows.map { _ in 0.0 } }
    let pairs = rows.indices.flatMap { i in (i..<rows.count).map { (i, $0) } }
    for ((i, j), product) in zip(pairs, Tensor.products(rows, rows, pairs)) {
      gram[i][j] = product
      gram[j][i] = product
    }
    return gram
  }()

  public init(_ rows: [[Tensor?]], shapes: [[Int]], lastLayer: Range<Int>? = nil) {
    self.rows = rows
    self.shapes = shapes
    self.lastLayer = lastLayer ?? 0..<shapes.count
  }

  /// The rows of a matrix `[T,P]`, as gradients of one parameter.
  public convenience init(_ rows: [Tensor]) {
    self.init(rows.map { [$0] }, shapes: [rows.first?.shape ?? []])
  }

  /// With the gradients of all shared parameters.
  public var parameterCount: Int { shapes.reduce(0) { $0 + $1.reduce(1, *) } }

  /// GHᵀ.
  public func products(with other: TaskGradients) -> [[Double]] {
    let pairs = rows.indices.flatMap { i in other.rows.indices.map { (i, $0) } }
    let products = Tensor.products(rows, other.rows, pairs)
    let columns = other.rows.count
    return rows.indices.map { Array(products[($0 * columns)..<(($0 + 1) * columns)]) }
  }

  /// ‖gᵢ‖.
  public var norms: [Double] { gram.indices.map { gram[$0][$0].squareRoot() } }

  /// ‖gᵢ‖ on the last shared layer alone.
  public var lastLayerNorms: [Double] {
    let parts = rows.map { Array($0[lastLayer]) }
    return Tensor.products(parts, parts, rows.indices.map { ($0, $0) }).map { $0.squareRoot() }
  }

  /// Σ wᵢgᵢ by parameter, nil where no task depends on it.
  public func combination(_ weights: [Double]) -> [Tensor?] {
    shapes.indices.map { k in
      let reaching = rows.indices.filter { rows[$0][k] != nil }
      guard !reaching.isEmpty else { return nil }
      return .combination(reaching.map { weights[$0] }, reaching.map { rows[$0][k]! })
    }
  }

  /// The indices of the tasks that have a gradient in every sample.
  static func inAll(_ samples: [TaskGradients]) -> [Int] {
    samples[0].rows.indices.filter { k in
      samples.allSatisfy { sample in sample.rows[k].contains { $0 != nil } }
    }
  }

  /// The merged gradient by parameter.
  public static func merged(_ result: MergedGradient, _ samples: [TaskGradients]) -> [Tensor?] {
    switch result.shared {
    case .combination(let weights, let sample): samples[sample].combination(weights)
    case .parameters(let gradient): gradient
    }
  }
}
