/// A reason to look at a sample: not an error, but often a sign of one.
public enum Suspicion: String, CaseIterable, Codable, Sendable {
  case boxesOnBackground, ignoredMask, tinyBox, hugeBox, narrowBox, repeatedBox, narrowImage
  case unlabelled

  /// `boxes of fewer than 3 pixels`.
  public var title: String {
    switch self {
    case .boxesOnBackground: "Boxes over a mask of background alone"
    case .ignoredMask: "Masks that are ignored almost everywhere"
    case .tinyBox: "Tiny boxes"
    case .hugeBox: "Boxes over nearly the whole image"
    case .narrowBox: "Long, narrow boxes"
    case .repeatedBox: "Boxes that repeat another"
    case .narrowImage: "Long, narrow images"
    case .unlabelled: "No label at all"
    }
  }

  /// The threshold, and possible causes.
  public var explanation: String {
    switch self {
    case .boxesOnBackground:
      "There are boxes, but the mask shows no class: the two kinds of label contradict each other."
    case .ignoredMask:
      "95 % of the pixels or more carry no class: next to nothing is learned from such a mask."
    case .tinyBox:
      "A side of fewer than 3 pixels: a slip of the mouse, or coordinates in another unit."
    case .hugeBox:
      "80 % of the image or more: a placeholder, or coordinates of another image."
    case .narrowBox: "One side is 10 times the other or more."
    case .repeatedBox: "The same class and the same corners more than once: exported twice?"
    case .narrowImage: "One side is 4 times the other or more: they shrink most in training."
    case .unlabelled: "Nothing is learned from these; a label file may be missing or misnamed."
    }
  }

  /// The degree, the larger the more suspicious; nil where it does not apply.
  public func measure(_ facts: SampleFacts, _ classes: DataClasses) -> Double? {
    func atLeast(_ limit: Double, _ value: Double) -> Double? { value >= limit ? value : nil }
    switch self {
    case .boxesOnBackground:
      guard facts.isBackgroundAlone(classes) else { return nil }
      return atLeast(1, Double(facts.boxes))
    case .ignoredMask: return atLeast(0.95, Double(facts.ignoredShare))
    case .tinyBox: return facts.shortestSide < 3 ? -Double(facts.shortestSide) : nil
    case .hugeBox: return atLeast(0.8, Double(facts.largestShare))
    case .narrowBox: return atLeast(10, Double(facts.largestRatio))
    case .repeatedBox: return atLeast(1, Double(facts.repeatedBoxes))
    case .narrowImage:
      let (short, long) = (
        min(facts.width, facts.height), max(facts.width, facts.height)
      )
      return atLeast(4, Double(long) / Double(max(1, short)))
    case .unlabelled: return facts.labels.isEmpty ? 0 : nil
    }
  }

  /// The samples that it applies to, the most suspicious first.
  public func suspects(
    in parts: [DataInspection.Part], _ classes: DataClasses
  ) -> [(part: Int, index: Int, measure: Double)] {
    var found: [(part: Int, index: Int, measure: Double)] = []
    for (number, part) in parts.enumerated() {
      for (index, facts) in part.facts.enumerated() {
        if let measure = facts.flatMap({ self.measure($0, classes) }) {
          found.append((number, index, measure))
        }
      }
    }
    return found.sorted { (-$0.measure, $0.part, $0.index) < (-$1.measure, $1.part, $1.index) }
  }
}

extension SampleFacts {
  /// Whether the mask contains only background.
  func isBackgroundAlone(_ classes: DataClasses) -> Bool {
    onlyClass == 0 && classes.masks.first.map(ClassName.isBackground) == true
  }
}
