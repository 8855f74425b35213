import AthanorKernels
import AthanorTensor

/// How often each class occurs, for weights against class imbalance.
public struct ClassFrequencies: Codable, Equatable, Sendable {
  /// Valid pixels of each class.
  public var pixels: [Double]
  /// Valid pixels of the images that contain each class.
  public var pixelsOfImages: [Double]

  public init(classes: Int) {
    pixels = [Double](repeating: 0, count: classes)
    pixelsOfImages = pixels
  }

  /// Counts the pixels of one image's mask; 255 and classes beyond the number of classes are
  /// ignored.
  public mutating func add(_ mask: UnsafeBufferPointer<UInt8>) {
    var counts = [Int](repeating: 0, count: 256)
    for label in mask { counts[Int(label)] += 1 }
    // A mask of bytes has no class above 254.
    let classes = min(pixels.count, Int(ignoredClass))
    let valid = Double(counts.prefix(classes).reduce(0, +))
    for c in 0..<classes where counts[c] > 0 {
      pixels[c] += Double(counts[c])
      pixelsOfImages[c] += valid
    }
  }

  /// Adds the counts of other images, which have the same number of classes.
  public mutating func add(_ other: ClassFrequencies) {
    for c in pixels.indices {
      pixels[c] += other.pixels[c]
      pixelsOfImages[c] += other.pixelsOfImages[c]
    }
  }

  /// The frequencies in a batch of masks `[N,H,W]`.
  init(_ target: Tensor, classes: Int) {
    self.init(classes: classes)
    let size = target.count / max(1, target.shape[0])
    let labels = target.pointer(to: UInt8.self)
    for image in 0..<target.shape[0] where size > 0 {
      add(UnsafeBufferPointer(start: labels + image * size, count: size))
    }
  }

  /// The share of each class among the valid pixels.
  public var shares: [Double] {
    let total = pixels.reduce(0, +)
    return pixels.map { total > 0 ? $0 / total : 0 }
  }
}

/// How class weights follow from frequencies. An absent class gets 0.
public enum ClassWeighting: String, Codable, Sendable, CaseIterable {
  /// 1/f_c.
  case inverseFrequency = "inverse_frequency"
  /// median(freq)/freq_c, freq_c = pixels of c / valid pixels of the images that contain c (Eigen &
  /// Fergus 2015).
  case medianFrequency = "median_frequency"
  /// 1/ln(1.02 + f_c) (Paszke et al. 2016).
  case enet

  public func weights(_ frequencies: ClassFrequencies) -> [Double] {
    switch self {
    case .inverseFrequency: weights(frequencies.shares)
    case .medianFrequency:
      weights(zip(frequencies.pixels, frequencies.pixelsOfImages).map { $1 > 0 ? $0 / $1 : 0 })
    case .enet: weights(frequencies.shares)
    }
  }

  /// The weights for these frequencies, one per class.
  public func weights(_ frequencies: [Double]) -> [Double] {
    let present = frequencies.filter { $0 > 0 }.sorted()
    guard !present.isEmpty else { return frequencies.map { _ in 0 } }
    let middle = present.count / 2
    let median =
      present.count % 2 == 1 ? present[middle] : (present[middle - 1] + present[middle]) / 2
    return frequencies.map { frequency in
      guard frequency > 0 else { return 0 }
      switch self {
      case .inverseFrequency: return 1 / frequency
      case .medianFrequency: return median / frequency
      case .enet: return 1 / Double.log(1.02 + frequency)
      }
    }
  }
}
