/// The share of images whose class was predicted.
///
/// Units: shares in 0…1.
public struct ImageAccuracy: Equatable, Sendable {
  public private(set) var images = 0
  private var first = 0
  private var amongFive = 0
  /// For each true class its images, and those predicted as it.
  private var byClass: [(images: Int, right: Int)]

  public init(classes: Int) { byClass = Array(repeating: (0, 0), count: classes) }

  public static func == (a: ImageAccuracy, b: ImageAccuracy) -> Bool {
    a.images == b.images && a.first == b.first && a.amongFive == b.amongFive
      && a.byClass.elementsEqual(b.byClass, by: ==)
  }

  /// - `scores`: One for each class; of equal ones the first wins. Traps for another
  ///   number of classes and a truth that is none of them.
  public mutating func add(scores: [Float], truth: Int) {
    precondition(
      scores.count == byClass.count && scores.indices.contains(truth),
      "ImageAccuracy.add: \(scores.count) scores of \(byClass.count) classes, class \(truth)")
    let rank = scores.indices.count {
      scores[$0] > scores[truth] || (scores[$0] == scores[truth] && $0 < truth)
    }
    images += 1
    first += rank == 0 ? 1 : 0
    amongFive += rank < 5 ? 1 : 0
    byClass[truth].images += 1
    byClass[truth].right += rank == 0 ? 1 : 0
  }

  public var accuracy: Double { Double(first) / Double(images) }
  public var accuracyTop5: Double { Double(amongFive) / Double(images) }
  /// By class; nil without an image of it.
  public var perClassAccuracy: [Double?] {
    byClass.map { $0.images > 0 ? Double($0.right) / Double($0.images) : nil }
  }
}
