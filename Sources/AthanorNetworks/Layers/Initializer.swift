import AthanorCore
import AthanorTensor
import Foundation

/// How weights `[O,I,KH,KW]` begin.
public enum Initializer: Sendable {
  /// N(0, 2/(O·KH·KW)): He et al. 2015 over the outputs, torchvision's choice for ResNet.
  case heNormal
  /// U(−√(3/(I·KH·KW)), …): PyTorch's `kaiming_uniform_(a=1)`, torchvision's choice for the FPN.
  case heUniform
  /// N(0, σ²).
  case normal(Double)

  /// Weights drawn from a generator addressed by the seed and the parameter's name: the same
  /// whatever else the network holds.
  func weights(_ shape: [Int], seed: Int, name: String) -> Tensor {
    var generator = Generator([seed] + name.utf8.map(Int.init))
    let taps = shape[2...].reduce(1, *)
    let count = shape.reduce(1, *)
    switch self {
    case .heNormal:
      return normal(count, sqrt(2 / Double(shape[0] * taps)), shape, &generator)
    case .normal(let sigma):
      return normal(count, sigma, shape, &generator)
    case .heUniform:
      let bound = sqrt(3 / Double(shape[1] * taps))
      return Tensor((0..<count).map { _ in Float(generator.uniform(-bound, bound)) }, shape: shape)
    }
  }

  private func normal(
    _ count: Int, _ sigma: Double, _ shape: [Int], _ generator: inout Generator
  ) -> Tensor {
    Tensor((0..<count).map { _ in Float(sigma * generator.normal()) }, shape: shape)
  }
}
