import AthanorTensor

/// The gradient of each present task on the shared parameters: rows gᵢ of the matrix G.
public final class TaskGradients {
  /// By task and parameter; nil where a task does not reach a parameter.
  public let rows: [[Tensor?]]
  /// The shapes of the parameters, for what is nil.
  private let shapes: [[Int]]
  /// The parameters of the last shared layer.
  private let lastLayer: Range<Int>
  /// GGᵀ.
  public private(set) lazy var gram = products(with: self)

  public init(_ rows: [[Tensor?]], shapes: [[Int]], lastLayer: Range<Int>? = nil) {
    self.rows = rows
    self.shapes = shapes
    self.lastLayer = lastLayer ?? 0..<shapes.count
  }

  /// Rows of a matrix `[T,P]` as one parameter.
  public convenience init(_ rows: [Tensor]) {
    self.init(rows.map { [$0] }, shapes: [rows.first?.shape ?? []])
  }

  /// All shared parameters together.
  public var parameterCount: Int { shapes.reduce(0) { $0 + $1.reduce(1, *) } }

  /// GHᵀ.
  public func products(with other: TaskGradients) -> [[Double]] {
    var products = rows.map { _ in other.rows.map { _ in 0.0 } }
    for i in rows.indices {
      for j in other.rows.indices {
        // ⟨a, b⟩ = ⟨b, a⟩ of one matrix.
        products[i][j] =
          other === self && j < i ? products[j][i] : Self.dot(rows[i], other.rows[j])
      }
    }
    return products
  }

  private static func dot(_ a: some Sequence<Tensor?>, _ b: some Sequence<Tensor?>) -> Double {
    zip(a, b).reduce(0) { sum, pair in
      guard let x = pair.0, let y = pair.1 else { return sum }
      return sum + x.dot(y)
    }
  }

  /// ‖gᵢ‖.
  public var norms: [Double] { gram.indices.map { gram[$0][$0].squareRoot() } }

  /// ‖gᵢ‖ on the last shared layer alone.
  public var lastLayerNorms: [Double] {
    rows.map { Self.dot($0[lastLayer], $0[lastLayer]).squareRoot() }
  }

  /// gᵢ as one vector, zeros where the task does not reach.
  public func vector(_ i: Int) -> Tensor {
    let dtype = rows.joined().lazy.compactMap { $0 }.first?.dtype ?? .float32
    let parts = zip(rows[i], shapes).map { gradient, shape in
      (gradient ?? Tensor.zeros(shape, dtype)).reshaped([shape.reduce(1, *)])
    }
    return parts.count == 1 ? parts[0] : .concatenated(parts, axis: 0)
  }

  /// Σ wᵢgᵢ by parameter, nil where no task reaches.
  public func combination(_ weights: [Double]) -> [Tensor?] {
    shapes.indices.map { k in
      let reaching = rows.indices.filter { rows[$0][k] != nil }
      guard !reaching.isEmpty else { return nil }
      return .combination(reaching.map { weights[$0] }, reaching.map { rows[$0][k]! })
    }
  }

  /// A vector of all parameters cut into them.
  public func parameters(of vector: Tensor) -> [Tensor?] {
    var start = 0
    return shapes.map { shape in
      let count = shape.reduce(1, *)
      defer { start += count }
      return vector.sliced(start..<(start + count), axis: 0).reshaped(shape)
    }
  }

  /// The merged gradient by parameter.
  public static func merged(_ result: MergedGradient, _ samples: [TaskGradients]) -> [Tensor?] {
    switch result.shared {
    case .combination(let weights, let sample): samples[sample].combination(weights)
    case .vector(let vector): samples[0].parameters(of: vector)
    }
  }
}
