import AthanorTensor
import Testing

/// Programmer mistakes stop with the operation and both shapes, also in an optimised build.
@Suite struct BadShapeTests {
  @Test func arithmetic() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([2, 3]) + Tensor.ones([4]) }
    expect(result, "Add", "[2, 3]", "[4]")
  }

  @Test func types() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([2]) * Tensor.ones([2], .float64) }
    expect(result, "Multiply", "float32", "float64")
  }

  @Test func convolution() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([1, 8, 8, 3]).conv2d(.ones([16, 4, 3, 3])) }
    expect(result, "conv2d", "[1, 8, 8, 3]", "[16, 4, 3, 3]")
  }

  @Test func groupsOfChannels() async {
    let inputs = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([1, 8, 8, 6]).conv2d(.ones([8, 2, 3, 3]), groups: 4) }
    expect(inputs, "conv2d", "[1, 8, 8, 6]", "[8, 2, 3, 3]", "4 groups")
    let outputs = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([1, 8, 8, 8]).conv2d(.ones([6, 2, 3, 3]), groups: 4) }
    expect(outputs, "conv2d", "[1, 8, 8, 8]", "[6, 2, 3, 3]", "4 groups")
    let none = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([1, 8, 8, 8]).conv2d(.ones([8, 8, 3, 3]), groups: 0) }
    expect(none, "conv2d", "[1, 8, 8, 8]", "0 groups")
  }

  @Test func dilatedBeyondImage() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([1, 6, 6, 3]).conv2d(.ones([8, 3, 3, 3]), padding: 1, dilation: 4) }
    expect(result, "conv2d", "[1, 6, 6, 3]", "[8, 3, 3, 3]", "padding 1", "dilation 4")
    let none = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([1, 6, 6, 3]).conv2d(.ones([8, 3, 3, 3]), dilation: 0) }
    expect(none, "conv2d", "[1, 6, 6, 3]", "dilation 0")
  }

  @Test func kernelBeyondImage() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([1, 4, 4, 3]).conv2d(.ones([8, 3, 7, 7]), padding: 1) }
    expect(result, "conv2d", "[1, 4, 4, 3]", "[8, 3, 7, 7]", "padding 1")
  }

  @Test func matmul() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([2, 3]).matmul(.ones([4, 5])) }
    expect(result, "matmul", "[2, 3]", "[4, 5]", "inner sizes 3 and 4")
  }

  @Test func concatenated() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.concatenated([.ones([2, 3]), .ones([2, 4])], axis: 0) }
    expect(result, "concatenated", "[2, 3]", "[2, 4]", "axis 0")
  }

  @Test func reshaped() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([2, 3]).reshaped([-2, -3]) }
    expect(result, "reshaped", "[2, 3]", "[-2, -3]")
  }

  /// No result has a meaning where there is no element, and none along an axis that is not there.
  @Test func nothingToChooseFrom() async {
    let largest = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([0, 3]).maximum(axes: [0]) }
    expect(largest, "maximum", "no elements", "[0, 3]")
    let classes = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([3, 0]).argmax() }
    expect(classes, "argmax", "[3, 0]")
    let scalar = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([]).softmax() }
    expect(scalar, "softmax", "[]")
  }

  @Test func normalisation() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([1, 2, 2, 6]).groupNorm(groups: 4, scale: .ones([6]), shift: .ones([6])) }
    expect(result, "groupNorm", "4 groups", "[1, 2, 2, 6]")
  }

  @Test func layerNormalisation() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([2, 5, 6]).layerNorm(scale: .ones([5]), shift: .ones([5])) }
    expect(result, "layerNorm", "[2, 5, 6]", "[5]")
    let scalar = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([]).layerNorm(scale: .ones([1]), shift: .ones([1])) }
    expect(scalar, "layerNorm", "[]")
  }

  @Test func pooledMean() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([2, 3]).meanPooled() }
    expect(result, "meanPooled", "[2, 3]")
  }

  @Test func stochasticDepth() async {
    let rows = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([2, 3]).droppedRows(keep: [true], rate: 0.5) }
    expect(rows, "droppedRows", "1 rows", "[2, 3]")
    let rate = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor.ones([1, 3]).droppedRows(keep: [true], rate: 1) }
    expect(rate, "droppedRows", "rate of 1.0")
  }

  @Test func untrackedVariable() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = gradients(of: Tensor.ones([1]).variable(), for: [Tensor.ones([2, 2])]) }
    expect(result, "gradients", "variable 0", "[2, 2]")
  }

  private func expect(_ result: ExitTest.Result?, _ words: String...) {
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    for word in words { #expect(message.contains(word), "\(word) in: \(message)") }
  }
}
