import AthanorMetrics

/// A summary for one of TensorBoard's plugins: a tensor under a tag, with the plugin's metadata.
///
/// Source: TensorFlow's `summary.proto`, `tensor.proto`, and the plugins' `plugin_data.proto`.
struct TensorSummary {
  let tag: String
  /// The plugin's name and its own metadata message.
  let plugin: String
  let content: ProtocolBuffer
  /// Markdown that TensorBoard shows beside the tag.
  var description = ""
  let tensor: ProtocolBuffer

  /// A `Summary.Value`.
  var value: ProtocolBuffer {
    var data = ProtocolBuffer()
    data.set(1, to: plugin)
    data.set(2, to: content)
    var metadata = ProtocolBuffer()
    metadata.set(1, to: data)
    if !description.isEmpty { metadata.set(3, to: description) }
    metadata.set(4, to: Self.tensorClass)
    var value = ProtocolBuffer()
    value.set(1, to: tag)
    value.set(9, to: metadata)
    value.set(8, to: tensor)
    return value
  }

  /// `DATA_CLASS_TENSOR`.
  private static let tensorClass = 2

  // MARK: - Tensors

  /// Numbers in row-major order.
  static func tensor(_ values: [Float], shape: [Int]) -> ProtocolBuffer {
    precondition(
      values.count == shape.reduce(1, *), "\(values.count) values for the shape \(shape)")
    var tensor = tensor(type: 1, shape: shape)
    tensor.set(
      4, to: values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) })
    return tensor
  }

  private static func tensor(type: Int, shape: [Int]) -> ProtocolBuffer {
    var sizes = ProtocolBuffer()
    for size in shape {
      var dimension = ProtocolBuffer()
      dimension.set(1, to: size)
      sizes.set(2, to: dimension)
    }
    var tensor = ProtocolBuffer()
    tensor.set(1, to: type)
    tensor.set(2, to: sizes)
    return tensor
  }

  // MARK: - Plugins

  /// A text, which TensorBoard shows as Markdown.
  static func text(_ markdown: String, tag: String) -> TensorSummary {
    var content = ProtocolBuffer()
    content.set(1, to: 0)
    var tensor = tensor(type: 7, shape: [])
    tensor.set(8, to: markdown)
    return TensorSummary(tag: tag, plugin: "text", content: content, tensor: tensor)
  }

  /// How many thresholds a precision-recall curve has: 0, .01 … 1.
  static let thresholds = 101

  /// The curve of one class in TensorBoard's form, by rising score thresholds.
  ///
  /// Shapes: `[6, thresholds]`: true positives, false positives, true negatives, false negatives,
  /// precision, recall.
  ///
  /// Each threshold is assigned the point of the curve with the highest recall that the detections
  /// of at least this score reach; all values are zero where none of these is correct. The true
  /// positives are the least number that gives the recall, which may be lower than the real number
  /// by up to 1 % of the objects. The false positives follow from the precision, which is COCO's:
  /// the best at this recall or a higher one. Boxes have no true negatives.
  ///
  /// Traps for the mean over several classes, which has no scores.
  static func curve(_ curve: PrecisionRecallCurve, tag: String) -> TensorSummary {
    guard let scores = curve.scores, let objects = curve.objects else {
      preconditionFailure("TensorSummary.curve: the mean of several classes has no thresholds")
    }
    var rows = [[Float]](repeating: [], count: 6)
    for i in 0..<thresholds {
      let threshold = Double(i) / Double(thresholds - 1)
      let point = curve.recalls.indices.last {
        $0 > 0 && curve.precisions[$0] > 0 && scores[$0] >= threshold
      }
      let (recall, precision) = point.map { (curve.recalls[$0], curve.precisions[$0]) } ?? (0, 0)
      var right = point == nil ? 0 : max(1, Int(recall * Double(objects)) - 1)
      while Double(right) / Double(objects) < recall { right += 1 }
      let wrong = right == 0 ? 0 : (Double(right) / precision - Double(right)).rounded()
      let column = [Double(right), wrong, 0, Double(objects - right), precision, recall]
      for (row, value) in column.enumerated() { rows[row].append(Float(value)) }
    }
    var content = ProtocolBuffer()
    content.set(1, to: 0)
    content.set(2, to: thresholds)
    return TensorSummary(
      tag: tag, plugin: "pr_curves", content: content,
      description: """
        The curve of `pr_curve.png`: boxes of val at IoU \
        \(Int((curve.threshold * 100).rounded())) %, at most 100 an image, \(objects) objects. \
        Precision is COCO's: the best at this recall or a higher one. Counts are those that \
        precision and recall stand for; boxes have no true negatives.
        """,
      tensor: tensor(rows.flatMap(\.self), shape: [6, thresholds]))
  }
}
