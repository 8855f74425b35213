import AthanorKernels

extension Tensor {
  /// The mean over H and W: global average pooling.
  ///
  /// Shapes: self `[N,H,W,C]`; result `[N,1,1,C]`, which broadcasts back over the image; NaN for an
  /// image without pixels.
  public func meanPooled() -> Tensor {
    require(rank == 4, "meanPooled: needs [N,H,W,C], got \(self)")
    return mean(axes: [1, 2], keepDimensions: true)
  }
}
