/// COCO's fixed grid of IoU thresholds, recalls, object sizes and detections per image.
public enum COCOParameters {
  /// .50, .55 … .95.
  public static let thresholds = evenlySpaced(from: 0.5, to: 0.95, count: 10)
  /// 0, .01 … 1.
  public static let recalls = evenlySpaced(from: 0, to: 1, count: 101)
  /// How many of the best detections per image and class are counted.
  public static let detectionLimits = [1, 10, 100]
  static let mostDetections = 100

  /// Object sizes, bounds inclusive: a box of exactly 32² is small and medium.
  public enum Size: Int, CaseIterable, Sendable {
    case all, small, medium, large

    /// In square pixels.
    public var range: ClosedRange<Double> {
      switch self {
      case .all: 0...1e10
      case .small: 0...1024
      case .medium: 1024...9216
      case .large: 9216...1e10
      }
    }
  }

  /// As NumPy's `linspace`, bit for bit: i·step + start, and the end exactly.
  private static func evenlySpaced(from start: Double, to end: Double, count: Int) -> [Double] {
    let step = (end - start) / Double(count - 1)
    return (0..<count).map { $0 == count - 1 ? end : Double($0) * step + start }
  }
}
