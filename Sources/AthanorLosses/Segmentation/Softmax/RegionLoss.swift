import AthanorKernels

/// A loss of the overlap of regions: a function, for each class, of I = Σpg, P = Σp (or Σp²) and
/// G = Σg over the whole batch. A single channel has one class, the foreground.
///
/// Σp(1−g) = P − I is what is falsely there (FP), Σ(1−p)g = G − I what is missed (FN).
protocol RegionLoss: SoftmaxLoss {
  /// Whether P is Σp².
  var squares: Bool { get }

  /// The loss of the given classes and its derivatives by each I and P. There is a valid pixel.
  func value(of regions: [Region]) -> (loss: Double, slopes: [Region.Slope])
}

/// The sums of one class.
struct Region {
  /// The derivatives of a loss by a region's I and P.
  struct Slope {
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
    // Every valid pixel has a class: without one nothing is there to compare.
    guard (0..<classes).contains(where: { sums[3 * $0 + 2] > 0 }) else { return (0, nil) }
    return regionValue(of: sums, classes: classes, channels: channels)
  }

  /// The loss of the regions that the first sums are of, and the two factors of each class.
  func regionValue(
    of sums: [Double], classes: Int, channels: Int
  ) -> (loss: Double, factors: [Double]) {
    let regions = ((classes - channels)..<classes).map {
      Region(
        intersection: sums[3 * $0], predicted: sums[3 * $0 + 1], truth: sums[3 * $0 + 2])
    }
    let (loss, slopes) = value(of: regions)
    var factors = [Double](repeating: 0, count: 2 * (classes - channels))
    for slope in slopes { factors += [slope.intersection, slope.predicted] }
    return (loss, factors)
  }

  func differentiate<T: FloatingScalar>(_ block: SoftmaxBlock<T>, factors: [T]) {
    block.normalize()
    for c in 0..<block.classes {
      let (p, d, label) = (block.p[c], block.d[c], T(c))
      let (hit, slope) = (factors[2 * c], factors[2 * c + 1])
      for i in 0..<SoftmaxBlock<T>.lanes {
        let all = squares ? 2 * slope * p[i] : slope
        d[i] = block.valid[i] * ((block.target[i] == label ? hit : 0) + all)
      }
    }
    block.backpropagateSoftmax()
  }
}

extension [Region] {
  /// The mean over all classes of `term`, which is 0 for a class without a pixel in the target.
  func mean(
    _ term: (Region) -> (loss: Double, slope: Region.Slope)
  ) -> (loss: Double, slopes: [Region.Slope]) {
    var (loss, slopes) = (0.0, [Region.Slope]())
    for region in self {
      guard region.truth > 0 else {
        slopes.append(.init())
        continue
      }
      let (value, slope) = term(region)
      loss += value / Double(count)
      slopes.append(
        .init(
          intersection: slope.intersection / Double(count),
          predicted: slope.predicted / Double(count)))
    }
    return (loss, slopes)
  }
}
