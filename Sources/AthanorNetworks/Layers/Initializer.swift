import AthanorCore
import AthanorTensor
import Foundation

/// How a parameter is initialised. Weights are `[O,I,KH,KW]` or `[O,I]`.
public enum Initializer: Sendable {
  case constant(Double)
  /// N(0, 2/(O·KH·KW)): He et al. 2015 over the outputs, torchvision's choice for ResNet.
  case heNormal
  /// U(−√(3/(I·KH·KW)), …): PyTorch's `kaiming_uniform_(a=1)`, torchvision's choice for the FPN.
  case heUniform
  /// N(0, σ²).
  case normal(Double)
  /// U(−bound, bound).
  case uniform(Double)

  /// Values from a generator that the seed and a name determine.
  func values(_ shape: [Int], seed: Int, name: String) -> Tensor {
    var generator = Generator([seed] + name.utf8.map(Int.init))
    let taps = shape.dropFirst(2).reduce(1, *)
    let count = shape.reduce(1, *)
    func normal(_ sigma: Double) -> Tensor {
      Tensor((0..<count).map { _ in Float(sigma * generator.normal()) }, shape: shape)
    }
    func uniform(_ bound: Double) -> Tensor {
      Tensor((0..<count).map { _ in Float(generator.uniform(-bound, bound)) }, shape: shape)
    }
    switch self {
    case .constant(let value): return Tensor(repeating: value, shape: shape)
    case .heNormal: return normal(sqrt(2 / Double(shape[0] * taps)))
    case .normal(let sigma): return normal(sigma)
    case .heUniform: return uniform(sqrt(3 / Double(shape[1] * taps)))
    case .uniform(let bound): return uniform(bound)
    }
  }
}
