import AthanorTensor
import Testing

/// Batches of no image and tables of no row pass through every layer, forward and backward.
@Suite struct ZeroSizeTests {
  static let layers: [(String, @Sendable (Tensor, Tensor, Tensor) -> Tensor)] = [
    ("conv2d", { x, w, v in x.conv2d(w, bias: v, padding: 1, relu: true) }),
    ("maxPool2d", { x, _, _ in x.maxPool2d(kernel: 3, stride: 2, padding: 1) }),
    ("nearest", { x, _, _ in x.resampled(height: 8, width: 8, .nearest) }),
    ("bilinear", { x, _, _ in x.resampled(height: 2, width: 8, .bilinear) }),
    (
      "batchNorm",
      { x, _, v in
        let running = RunningStatistics(channels: 4, x.dtype)
        return x.batchNorm(scale: v, shift: v, running: running, mode: .training(momentum: 0.1))
      }
    ),
    ("groupNorm", { x, _, v in x.groupNorm(groups: 2, scale: v, shift: v, relu: true) }),
    ("addRelu", { x, _, _ in x.addRelu(x) }),
    ("softmax", { x, _, _ in x.softmax() }),
    ("logSoftmax", { x, _, _ in x.logSoftmax() }),
    ("times a vector", { x, _, v in x * v }),
    ("mean", { x, _, _ in x.sum(axes: [0, 1]) }),
    ("clip", { x, _, _ in x.clip(0, 1).pow(2) }),
  ]

  @Test(arguments: [DType.float32, .float64]) func emptyBatch(_ dtype: DType) {
    for (name, layer) in Self.layers {
      let x = Tensor.zeros([0, 5, 6, 4], dtype).variable()
      let w = Tensor.ones([4, 4, 3, 3], dtype).variable()
      let v = Tensor.ones([4], dtype).variable()
      let y = layer(x, w, v)
      let parts = gradients(of: [y], for: [x, w, v])
      #expect(parts[0]?.shape == x.shape, "\(name)")
      for part in parts { #expect(part?.doubles.allSatisfy { $0 == 0 } ?? true, "\(name)") }
    }
  }

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
