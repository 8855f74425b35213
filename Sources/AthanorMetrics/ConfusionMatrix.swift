import AthanorKernels

/// How often each true class was predicted as each class.
///
/// `counts[truth * classes + prediction]`, in pixels. Counting is in integers, so the result does
/// not depend on the number of threads, nor on how the pixels are split into calls.
public struct ConfusionMatrix: Equatable, Sendable {
  public let classes: Int
  /// The truth value of pixels to ignore.
  public let ignore: UInt8
  public private(set) var counts: [Int]

  /// Units: 1…256 classes; traps otherwise.
  public init(classes: Int, ignore: UInt8 = 255) {
    precondition((1...256).contains(classes), "ConfusionMatrix: \(classes) classes, not 1…256")
    self.classes = classes
    self.ignore = ignore
    counts = [Int](repeating: 0, count: classes * classes)
  }

  /// Pixels counted so far.
  public var total: Int { counts.reduce(0, +) }

  public subscript(truth truth: Int, prediction prediction: Int) -> Int {
    counts[truth * classes + prediction]
  }

  /// Counts every pixel whose truth is not `ignore`; what was predicted for the others is not read.
  ///
  /// Shapes: two buffers of the same length, in any order of pixels; traps otherwise.
  /// Errors: throws `ClassIndexError` for the first counted pixel whose truth or prediction is not
  /// in 0..<classes, and then counts none of them.
  public mutating func add(prediction: [UInt8], truth: [UInt8]) throws {
    precondition(
      prediction.count == truth.count,
      "ConfusionMatrix.add: \(prediction.count) predictions, \(truth.count) truths")
    let pixels = truth.count
    let parts = max(1, min(Threads.count, pixels / 32_768))
    let counted = parallelMap(parts) { part in
      count(prediction, truth, pixels * part / parts..<pixels * (part + 1) / parts)
    }
    for part in counted { if case .failure(let error) = part { throw error } }
    for case .success(let part) in counted {
      for i in counts.indices { counts[i] += part[i] }
    }
  }

  /// Adds another matrix's counts, of another batch or another machine.
  public mutating func merge(_ other: ConfusionMatrix) {
    precondition(
      classes == other.classes, "ConfusionMatrix.merge: \(classes) and \(other.classes) classes")
    for i in counts.indices { counts[i] += other.counts[i] }
  }

  /// Neighbours mostly agree, so runs of equal pairs are counted at once.
  private func count(
    _ prediction: [UInt8], _ truth: [UInt8], _ range: Range<Int>
  ) -> Result<[Int], ClassIndexError> {
    var counts = [Int](repeating: 0, count: classes * classes)
    var start = range.lowerBound
    while start < range.upperBound {
      let (t, p) = (truth[start], prediction[start])
      var end = start + 1
      while end < range.upperBound, truth[end] == t, prediction[end] == p { end += 1 }
      if t != ignore {
        guard t < classes, p < classes else {
          return .failure(
            ClassIndexError(
              pixel: start, role: t < classes ? .prediction : .truth,
              received: t < classes ? p : t, classes: classes))
        }
        counts[Int(t) * classes + Int(p)] += end - start
      }
      start = end
    }
    return .success(counts)
  }
}

/// A mask contains a value that is no class.
public struct ClassIndexError: Error, Equatable, CustomStringConvertible {
  public enum Role: String, Sendable { case prediction, truth }
  /// The first such pixel, counted through the buffer.
  public var pixel: Int
  public var role: Role
  public var received: UInt8
  public var classes: Int

  public init(pixel: Int, role: Role, received: UInt8, classes: Int) {
    self.pixel = pixel
    self.role = role
    self.received = received
    self.classes = classes
  }

  public var description: String {
    "\(role.rawValue) holds \(received) at pixel \(pixel): expected a class in 0…\(classes - 1)"
      + (role == .truth ? " or the ignored value" : "")
  }
}
