import AthanorKernels

/// A loss of the overlap of predicted and true regions: for each class a function of I = Σpg, P =
/// Σp (or Σp²) and G = Σg over the whole batch. A single channel has one class, the foreground.
///
/// Σp(1−g) = P − I are the false positives, Σ(1−p)g = G − I the false negatives.
protocol RegionLoss: SoftmaxLoss {
  /// Whether P is Σp².
  var squares: Bool { get }

  /// The loss and its derivatives by each I and P. At least one pixel is valid.
  func value(of regions: [Region]) -> (loss: Double, derivatives: [Region.Derivatives])
}

/// The sums of one class.
struct Region {
  /// The derivatives of a loss by a region's I and P.
  struct Derivatives {
    var intersection = 0.0
    var predicted = 0.0
  }

  var intersection: Double
  var predicted: Double
  var truth: Double
}

extension RegionLoss {
  var squares: Bool { false }

  // Sums, for each class: I, P, G.
  func sums(classes: Int) -> Int { 3 * classes }

  func accumulate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, into sums: Rows<T>) {
    block.normalize()
    addRegions(block, into: sums)
  }

  /// The same where `block.p` is the softmax already.
  @inline(__always)
  func addRegions<T: FloatingScalar>(_ block: SoftmaxBlock<T>, into sums: Rows<T>) {
    for c in 0..<block.classes {
      let (p, label) = (block.p[c], T(c))
      let (overlap, predicted, truth) = (sums[3 * c], sums[3 * c + 1], sums[3 * c + 2])
      for i in 0..<SoftmaxBlock<T>.lanes {
        let g: T = block.target[i] == label ? 1 : 0
        overlap[i] += p[i] * g
        predicted[i] += block.valid[i] * (squares ? p[i] * p[i] : p[i])
        truth[i] += g
      }
    }
  }

  // Factors, for each class, of dL/dp = a·g + b, or a·g + b·2p: a, b.
  func value(of sums: [Double], classes: Int, channels: Int) -> (loss: Double, factors: [Double]?) {
    // No class has a pixel where no pixel is valid.
    guard (0..<classes).contains(where: { sums[3 * $0 + 2] > 0 }) else { return (0, nil) }
    return regionValue(of: sums, classes: classes, channels: channels)
  }

  /// The loss from the sums of the regions, which come first, and the two factors of each class.
  func regionValue(
    of sums: [Double], classes: Int, channels: Int
  ) -> (loss: Double, factors: [Double]) {
    let regions = ((classes - channels)..<classes).map {
      Region(
        intersection: sums[3 * $0], predicted: sums[3 * $0 + 1], truth: sums[3 * $0 + 2])
    }
    let (loss, derivatives) = value(of: regions)
    var factors = [Double](repeating: 0, count: 2 * (classes - channels))
    for derivative in derivatives { factors += [derivative.intersection, derivative.predicted] }
    return (loss, factors)
  }

  func differentiate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, factors: [T]) {
    block.normalize()
    for c in 0..<block.classes {
      let (p, d, label) = (block.p[c], block.d[c], T(c))
      let (hit, derivative) = (factors[2 * c], factors[2 * c + 1])
      for i in 0..<SoftmaxBlock<T>.lanes {
        let all = squares ? 2 * derivative * p[i] : derivative
        d[i] = block.valid[i] * ((block.target[i] == label ? hit : 0) + all)
      }
    }
    block.backpropagateSoftmax()
  }
}

extension [Region] {
  /// The mean of `term` over all classes; a class without a pixel in the target counts as 0.
  func mean(
    _ term: (Region) -> (loss: Double, derivative: Region.Derivatives)
  ) -> (loss: Double, derivatives: [Region.Derivatives]) {
    var (loss, derivatives) = (0.0, [Region.Derivatives]())
    for region in self {
      guard region.truth > 0 else {
        derivatives.append(.init())
        continue
      }
      let (value, derivative) = term(region)
      loss += value / Double(count)
      derivatives.append(
        .init(
          intersection: derivative.intersection / Double(count),
          predicted: derivative.predicted / Double(count)))
    }
    return (loss, derivatives)
  }
}
