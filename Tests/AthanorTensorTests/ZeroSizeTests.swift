import AthanorTensor
import Testing

/// Tables of no row, through several operations; each alone has empty cases of its own.
@Suite struct ZeroSizeTests {
  @Test func emptyRows() {
    let boxes = Tensor.zeros([0, 4]).variable()
    #expect(boxes.selected(1, axis: 1).shape == [0])
    #expect(Tensor.concatenated([boxes, boxes], axis: 1).shape == [0, 8])
    #expect(boxes.sum().scalar == 0)
    #expect(boxes.gathered([]).shape == [0, 4])
    #expect(boxes.reshaped([-1, 2]).shape == [0, 2])
    #expect(gradients(of: boxes.matmul(.ones([4, 3])).sum(), for: [boxes])[0]!.shape == [0, 4])
  }
}
