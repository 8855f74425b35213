#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The angles between predicted and true surface normals, over every valid pixel that was added.
///
/// A truth is valid where its length is finite and not 0. Both vectors are brought to length 1; a
/// prediction without a direction counts as 90°. The median is read off a histogram of 2²⁰ cells:
/// it is right to .0001°.
///
/// Units: degrees; shares in 0…1.
/// Source: Fouhey et al. 2013, §5; the thresholds 11.25°, 22.5°, 30°.
public struct NormalAngles: Equatable, Sendable {
  public private(set) var pixels = 0
  private var sum = 0.0
  private var within = [0, 0, 0]
  private var histogram: [Int32] = []
  private static let cells = 1 << 20
  private static let thresholds = [11.25, 22.5, 30]

  public init() {}

  /// Shapes: three numbers per pixel, as many predictions as truths; traps otherwise.
  public mutating func add(prediction: [Float], truth: [Float]) {
    precondition(
      prediction.count == truth.count && truth.count % 3 == 0,
      "NormalAngles.add: \(prediction.count) numbers predicted, \(truth.count) true")
    if histogram.isEmpty { histogram = [Int32](repeating: 0, count: Self.cells) }
    for start in stride(from: 0, to: truth.count, by: 3) {
      func vector(_ values: [Float]) -> SIMD3<Double> {
        SIMD3(Double(values[start]), Double(values[start + 1]), Double(values[start + 2]))
      }
      let (p, y) = (vector(prediction), vector(truth))
      let lengths = ((p * p).sum().squareRoot(), (y * y).sum().squareRoot())
      guard lengths.1 > 0, lengths.1.isFinite else { continue }
      let isDirected = lengths.0 > 0 && lengths.0.isFinite
      let cosine = isDirected ? (p * y).sum() / (lengths.0 * lengths.1) : 0
      let angle = acos(min(max(cosine, -1), 1)) * 180 / .pi
      pixels += 1
      sum += angle
      for (i, threshold) in Self.thresholds.enumerated() where angle < threshold { within[i] += 1 }
      histogram[min(Int(angle / 180 * Double(Self.cells)), Self.cells - 1)] += 1
    }
  }

  public var mean: Double { sum / Double(pixels) }

  public var median: Double {
    // The mean of the two middle ones where the number is even.
    (angle(ofRank: (pixels - 1) / 2) + angle(ofRank: pixels / 2)) / 2
  }

  /// The middle of the cell that holds an angle by its rank, from 0.
  private func angle(ofRank rank: Int) -> Double {
    var seen = 0
    let cell = histogram.firstIndex { count in
      seen += Int(count)
      return seen > rank
    }
    return cell.map { (Double($0) + 0.5) * 180 / Double(Self.cells) } ?? .nan
  }

  /// The share of pixels within 11.25°, 22.5° and 30°.
  public var within11: Double { Double(within[0]) / Double(pixels) }
  public var within22: Double { Double(within[1]) / Double(pixels) }
  public var within30: Double { Double(within[2]) / Double(pixels) }
}
