import AthanorTensor
import Synchronization

/// A large tensor of the forward pass that the backward pass may overwrite: the first backward pass
/// takes it, and it is recomputed for any later one.
///
/// A loss is nearly always differentiated once; a second buffer for the gradient would double the
/// memory.
final class RecomputableTensor: Sendable {
  private let tensor: Mutex<Tensor?>
  private let recompute: @Sendable () -> Tensor

  init(_ tensor: Tensor, recompute: @escaping @Sendable () -> Tensor) {
    self.tensor = Mutex(tensor)
    self.recompute = recompute
  }

  func take() -> Tensor { tensor.withLock { $0.take() } ?? recompute() }
}
