import AthanorKernels

extension Tensor {
  /// Max-pooling of `[N,H,W,C]`; padding is never the maximum. The gradient goes to the largest
  /// element of each window.
  public func maxPool2d(kernel: Int, stride: Int, padding: Int = 0) -> Tensor {
    requireFloating("maxPool2d")
    require(rank == 4, "maxPool2d: needs [N,H,W,C], got \(self)")
    let g = WindowGeometry(
      n: shape[0], h: shape[1], w: shape[2], c: shape[3], outputChannels: shape[3],
      kernelHeight: kernel, kernelWidth: kernel, stride: stride, padding: padding)
    require(
      g.isValid && padding < kernel,
      "maxPool2d: \(self) with kernel \(kernel), stride \(stride), padding \(padding)")
    let output = [g.n, g.outputHeight, g.outputWidth, g.c]
    if isShapeOnly {
      return traced(
        "MaxPool2d \(kernel)×\(kernel)/\(stride)", output,
        flops: kernel * kernel * output.reduce(1, *))
    }
    let y = Tensor(uninitialized: output, dtype)
    let workspace = Storage(
      byteCount: max(1, MaxPooling.workspaceSize(g, double: dtype == .float64)))
    if dtype == .float32 {
      MaxPooling.forward(
        g, src: pointer(to: Float.self), dst: y.pointer(to: Float.self), workspace: workspace.base)
    } else {
      MaxPooling.forward(
        g, src: pointer(to: Double.self), dst: y.pointer(to: Double.self),
        workspace: workspace.base)
    }
    return y.computed(from: self) { [shape, dtype] gradient in
      let dX = Tensor(uninitialized: shape, dtype)
      if dtype == .float32 {
        MaxPooling.backward(
          g, diffDst: gradient.pointer(to: Float.self), diffSrc: dX.pointer(to: Float.self),
          workspace: workspace.base)
      } else {
        MaxPooling.backward(
          g, diffDst: gradient.pointer(to: Double.self), diffSrc: dX.pointer(to: Double.self),
          workspace: workspace.base)
      }
      return dX
    }
  }
}
