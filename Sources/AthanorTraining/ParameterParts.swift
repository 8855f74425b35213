import AthanorNetworks
import AthanorTensor

/// A network's parameters, without those that are frozen: those that the tasks share, then those of
/// the heads, each of which one task reaches or the parts of one loss.
struct ParameterParts {
  typealias Named = (name: String, parameter: Parameter)

  let shared: [Named]
  let heads: [Named]

  init(_ network: MultiTaskNetwork) {
    func trained(_ parameters: [Named]) -> [Named] { parameters.filter { !$0.parameter.isFrozen } }
    shared = trained(network.sharedParameters)
    heads = trained(network.headParameters)
  }

  var all: [Named] { shared + heads }

  /// The current values, as leaves of the graph.
  var sharedValues: [Tensor] { shared.map(\.parameter.value) }
  var headValues: [Tensor] { heads.map(\.parameter.value) }

  var sharedShapes: [[Int]] { shared.map { $0.parameter.value.shape } }

  /// Of `shared`, those of the last layer.
  var lastLayer: Range<Int> {
    guard let last = shared.last?.name else { return 0..<0 }
    let layer = last.prefix(upTo: last.lastIndex(of: ".") ?? last.startIndex)
    let first = shared.firstIndex { $0.name.hasPrefix("\(layer).") }!
    return first..<shared.count
  }

  /// Gradients of the shared parameters and of the heads', as those of all.
  func joined(shared sharedGradient: [Tensor?]?, heads headGradient: [Tensor?]?) -> [Tensor?] {
    (sharedGradient ?? shared.map { _ in nil }) + (headGradient ?? heads.map { _ in nil })
  }
}
