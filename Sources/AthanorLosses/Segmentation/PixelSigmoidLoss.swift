import AthanorCore
import AthanorKernels
import AthanorTensor

/// A segmentation loss that treats every class at every pixel as a binary classification with its
/// own σ: the mean of a sigmoid loss over valid pixels and channels. A single channel is that of
/// class 1.
protocol PixelSigmoidLoss: SegmentationLoss {
  associatedtype PointLoss: SigmoidLoss
  var pointLoss: PointLoss { get }
}

extension PixelSigmoidLoss {
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
    let sum = pointLoss(logits.reshaped([target.count, channels]), points)
    return sum * (1 / Double(max(1, valid * channels)))
  }
}
