import AthanorCore
import AthanorKernels
import AthanorTensor

/// A loss between predicted and true boxes, differentiated by the prediction.
///
/// Shapes: prediction and target `[M,4]` as x1, y1, x2, y2, continuous (no + 1); result `[M]`, one
/// loss per box.
/// Errors: traps on other shapes.
public protocol BoxLoss: Registered, Sendable {
  func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor
}

/// Every box loss by name.
public let boxLosses = Registry<any BoxLoss>(
  kind: "box loss",
  [
    .init(L1Loss.self) { $0 },
    .init(L2Loss.self) { $0 },
    .init(SmoothL1Loss.self) { $0 },
    .init(IoULoss.self) { $0 },
    .init(GIoULoss.self) { $0 },
    .init(DIoULoss.self) { $0 },
    .init(CIoULoss.self) { $0 },
    .init(EIoULoss.self) { $0 },
    .init(AlphaIoULoss.self) { $0 },
    .init(SIoULoss.self) { $0 },
  ])

extension Registry<any BoxLoss> {
  /// Adds a loss of one's own, under its name.
  public func register<T: BoxLoss>(_ type: T.Type) { add(.init(type) { $0 }) }
}

/// A box loss written for one pair of boxes. One parallel pass computes the losses and gradients of
/// all pairs.
protocol PairwiseBoxLoss: BoxLoss {
  func value<T: FloatingScalar>(_ pair: BoxPair<T>) -> Dual<T>
}

extension PairwiseBoxLoss {
  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    precondition(
      prediction.rank == 2 && prediction.shape[1] == 4 && prediction.shape == target.shape
        && prediction.dtype == target.dtype && prediction.dtype.isFloating,
      "\(Self.name): needs floating boxes [M,4], got \(prediction) with target \(target)")
    return prediction.dtype == .float32
      ? evaluate(prediction, target, Float.self) : evaluate(prediction, target, Double.self)
  }

  private func evaluate<T: FloatingScalar & TensorScalar>(
    _ prediction: Tensor, _ target: Tensor, _ type: T.Type
  ) -> Tensor {
    let count = prediction.shape[0]
    let losses = Tensor(uninitialized: [count], prediction.dtype)
    let derivatives = Tensor(uninitialized: [count, 4], prediction.dtype)
    let (p, t) = (prediction.pointer(to: T.self), target.pointer(to: T.self))
    let (values, out) = (losses.pointer(to: T.self), derivatives.pointer(to: T.self))
    parallelRanges(count, grain: 512) { rows in
      for i in rows {
        let result = value(BoxPair(p + 4 * i, t + 4 * i))
        values[i] = result.value
        for k in 0..<4 { out[4 * i + k] = result.derivative[k] }
      }
    }
    return losses.computed(from: [prediction]) { upstream, _ in
      let gradient = Tensor(uninitialized: derivatives.shape, derivatives.dtype)
      let (factors, dst) = (upstream.pointer(to: T.self), gradient.pointer(to: T.self))
      let derivatives = derivatives.pointer(to: T.self)
      parallelRanges(count, grain: 4096) { rows in
        for i in rows {
          for k in 0..<4 { dst[4 * i + k] = derivatives[4 * i + k] * factors[i] }
        }
      }
      return [gradient]
    }
  }
}
