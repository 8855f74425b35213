import AthanorNetworks
import AthanorTensor

/// A network's parameters without the frozen ones: those that the tasks share, then those of the
/// heads, each of which belongs to one task.
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

  /// The parameters of the last shared layer.
  var lastLayer: Range<Int> {
    guard let last = shared.last?.name else { return 0..<0 }
    let layer = last.prefix(upTo: last.lastIndex(of: ".") ?? last.startIndex)
    let first = shared.firstIndex { $0.name.hasPrefix("\(layer).") }!
    return first..<shared.count
  }

  /// The gradients of all parameters, from those of the shared ones and of the heads'.
  func joined(shared sharedGradient: [Tensor?]?, heads headGradient: [Tensor?]?) -> [Tensor?] {
    (sharedGradient ?? shared.map { _ in nil }) + (headGradient ?? heads.map { _ in nil })
  }
}
