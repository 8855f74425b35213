import AthanorCore
import AthanorKernels
import AthanorTensor

/// A segmentation loss that asks of every class at every pixel whether it is there, each by its own σ:
/// the mean over valid pixels and channels of a margin loss. With one channel, class 1 is what is
/// asked for.
protocol PixelMarginLoss: SegmentationLoss {
  associatedtype Margin: MarginLoss
  var margin: Margin { get }
}

extension PixelMarginLoss {
  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    requireLogits(logits, target, Self.name)
    let channels = logits.shape[3]
    let classes = target.pointer(to: UInt8.self)
    var (valid, largest) = (0, 0)
    let points = Tensor(uninitialized: [target.count], .int32)
    let labels = points.pointer(to: Int32.self)
    for i in 0..<target.count {
      let label = Int32(classes[i])
      if classes[i] == ignoredClass {
        labels[i] = PointLabel.ignored
        continue
      }
      valid += 1
      largest = max(largest, Int(label))
      labels[i] = channels > 1 ? label : label - 1
    }
    precondition(
      largest < max(2, channels),
      "\(Self.name): the target holds class \(largest), the logits have \(channels) channels")
    let sum = margin(logits.reshaped([target.count, channels]), points)
    return sum * (1 / Double(max(1, valid * channels)))
  }
}
