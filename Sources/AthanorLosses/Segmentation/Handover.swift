import AthanorTensor
import Synchronization

/// A large tensor made with the value of a loss that the way back may write over: who takes it first
/// owns it, and it is made again for those after.
///
/// A loss is nearly always differentiated once; a gradient in a buffer of its own would double what it
/// takes.
final class Handover: Sendable {
  private let tensor: Mutex<Tensor?>
  private let remake: @Sendable () -> Tensor

  init(_ tensor: Tensor, remake: @escaping @Sendable () -> Tensor) {
    self.tensor = Mutex(tensor)
    self.remake = remake
  }

  func take() -> Tensor { tensor.withLock { $0.take() } ?? remake() }
}
