import AthanorCore
import AthanorVision

/// The classes of CamVid, used where a data set has CamVid's file names and no class names of
/// its own.
extension CamVidLayout {
  /// SegNet's eleven classes by their index, and their colours; index 11 is void.
  static let standard: [(name: String, color: [UInt8])] = [
    ("sky", [128, 128, 128]), ("building", [128, 0, 0]), ("pole", [192, 192, 128]),
    ("road", [128, 64, 128]), ("pavement", [0, 0, 192]), ("tree", [128, 128, 0]),
    ("sign", [192, 128, 128]), ("fence", [64, 64, 128]), ("car", [64, 0, 128]),
    ("pedestrian", [64, 64, 0]), ("bicyclist", [0, 128, 192]),
  ]

  static let standardColors = Dictionary(
    uniqueKeysWithValues: standard.map { ($0.name, $0.color) })

  /// The colours of the original masks: the 32 classes of Brostow et al. 2009, `label_colors.txt`.
  static let originalMap: LabelMap = {
    let classes: [(String, [UInt8])] = [
      ("Animal", [64, 128, 64]), ("Archway", [192, 0, 128]), ("Bicyclist", [0, 128, 192]),
      ("Bridge", [0, 128, 64]), ("Building", [128, 0, 0]), ("Car", [64, 0, 128]),
      ("CartLuggagePram", [64, 0, 192]), ("Child", [192, 128, 64]),
      ("Column_Pole", [192, 192, 128]), ("Fence", [64, 64, 128]), ("LaneMkgsDriv", [128, 0, 192]),
      ("LaneMkgsNonDriv", [192, 0, 64]), ("Misc_Text", [128, 128, 64]),
      ("MotorcycleScooter", [192, 0, 192]), ("OtherMoving", [128, 64, 64]),
      ("ParkingBlock", [64, 192, 128]), ("Pedestrian", [64, 64, 0]), ("Road", [128, 64, 128]),
      ("RoadShoulder", [128, 128, 192]), ("Sidewalk", [0, 0, 192]),
      ("SignSymbol", [192, 128, 128]), ("Sky", [128, 128, 128]),
      ("SUVPickupTruck", [64, 128, 192]), ("TrafficCone", [0, 0, 64]),
      ("TrafficLight", [0, 64, 64]), ("Train", [192, 64, 128]), ("Tree", [128, 128, 0]),
      ("Truck_Bus", [192, 128, 192]), ("Tunnel", [64, 0, 64]), ("VegetationMisc", [192, 192, 0]),
      ("Void", [0, 0, 0]), ("Wall", [64, 192, 0]),
    ]
    var map = LabelMap(names: classes.map(\.0), colors: classes.flatMap(\.1))
    map.file = "CamVid's standard"
    return map
  }()

  /// Whether all files have names of CamVid's four sequences.
  static func bearNames(_ items: [Survey.Item]) -> Bool {
    let sequences = ["0001TP_", "0006R0_", "0016E5_", "Seq05VD_"]
    return !items.isEmpty
      && items.allSatisfy { item in
        sequences.contains { FileName.last(of: item.name).hasPrefix($0) }
      }
  }
}

extension MaskNaming {
  /// Takes CamVid's classes where nothing else names them: 32 for colours, SegNet's for indices.
  mutating func takeCamVid(_ masks: [String]) throws {
    guard labelMap?.values == nil, indexNames == nil, wanted.isEmpty, let first = masks.first
    else { return }
    if case .color = try StoredMask(contentsOf: first) {
      labelMap = labelMap ?? CamVidLayout.originalMap
      return
    }
    // A table of colours does not name SegNet's indices.
    labelMap = nil
    indexNames = IndexNames(
      names: Dictionary(
        uniqueKeysWithValues: CamVidLayout.standard.enumerated().map { ($0, $1.name) }),
      file: "CamVid's standard")
    if ignore.isEmpty { ignore = [CamVidLayout.standard.count] }
  }
}
