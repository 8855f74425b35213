/// COCO's twelve numbers under their usual names, which are also the keys of the JSON.
///
/// Units: 0…1, and −1 where there is no truth of that size.
public struct DetectionMetrics: Codable, Equatable, Sendable {
  /// Average precision, mean over IoU .50 to .95.
  public var AP: Double
  /// At IoU .50.
  public var AP50: Double
  /// At IoU .75.
  public var AP75: Double
  /// Of small objects, up to 32² pixels.
  public var APs: Double
  /// Of medium objects, 32² to 96² pixels.
  public var APm: Double
  /// Of large objects, from 96² pixels.
  public var APl: Double
  /// Average recall with one detection per image and class.
  public var AR1: Double
  /// With ten.
  public var AR10: Double
  /// With a hundred.
  public var AR100: Double
  public var ARs: Double
  public var ARm: Double
  public var ARl: Double

  public init(
    AP: Double, AP50: Double, AP75: Double, APs: Double, APm: Double, APl: Double,
    AR1: Double, AR10: Double, AR100: Double, ARs: Double, ARm: Double, ARl: Double
  ) {
    self.AP = AP
    self.AP50 = AP50
    self.AP75 = AP75
    self.APs = APs
    self.APm = APm
    self.APl = APl
    self.AR1 = AR1
    self.AR10 = AR10
    self.AR100 = AR100
    self.ARs = ARs
    self.ARm = ARm
    self.ARl = ARl
  }

  /// Names and values in pycocotools' order.
  public var scalars: [(key: String, value: Double)] {
    [
      ("AP", AP), ("AP50", AP50), ("AP75", AP75), ("APs", APs), ("APm", APm), ("APl", APl),
      ("AR1", AR1), ("AR10", AR10), ("AR100", AR100), ("ARs", ARs), ("ARm", ARm), ("ARl", ARl),
    ]
  }
}
