import AthanorKernels

extension Tensor {
  /// `[N,H,W,C]` resampled to `[N,height,width,C]`, half-pixel centres (`align_corners` false).
  public func resampled(height: Int, width: Int, _ kind: Resampling.Kind) -> Tensor {
    requireFloating("resampled")
    require(rank == 4, "resampled: needs [N,H,W,C], got \(self)")
    require(
      height > 0 && width > 0 && shape[1] > 0 && shape[2] > 0,
      "resampled: \(self) to \(height)×\(width)")
    guard shape[1] != height || shape[2] != width else { return self }
    if isShapeOnly {
      let output = [shape[0], height, width, shape[3]]
      return traced(
        kind == .bilinear ? "Bilinear" : "Nearest", output,
        flops: kind == .bilinear ? 8 * output.reduce(1, *) : 0)
    }
    let y = Tensor(uninitialized: [shape[0], height, width, shape[3]], dtype)
    if dtype == .float32 {
      Self.resample(kind, self, y, Float.self)
    } else {
      Self.resample(kind, self, y, Double.self)
    }
    return y.computed(from: self) { [shape, dtype] gradient in
      let dX = Tensor(uninitialized: shape, dtype)
      if dtype == .float32 {
        Self.resampleBackward(kind, gradient, dX, Float.self)
      } else {
        Self.resampleBackward(kind, gradient, dX, Double.self)
      }
      return dX
    }
  }

  private static func resample<T: FloatingScalar & TensorScalar>(
    _ kind: Resampling.Kind, _ x: Tensor, _ y: Tensor, _ type: T.Type
  ) {
    Resampling.forward(
      kind, n: x.shape[0], h: x.shape[1], w: x.shape[2], c: x.shape[3], outputHeight: y.shape[1],
      outputWidth: y.shape[2], src: x.pointer(to: T.self), dst: y.pointer(to: T.self))
  }

  private static func resampleBackward<T: FloatingScalar & TensorScalar>(
    _ kind: Resampling.Kind, _ gradient: Tensor, _ dX: Tensor, _ type: T.Type
  ) {
    Resampling.backward(
      kind, n: dX.shape[0], h: dX.shape[1], w: dX.shape[2], c: dX.shape[3],
      outputHeight: gradient.shape[1], outputWidth: gradient.shape[2],
      diffDst: gradient.pointer(to: T.self), diffSrc: dX.pointer(to: T.self))
  }
}
