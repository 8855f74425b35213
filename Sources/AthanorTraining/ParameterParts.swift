import AthanorNetworks
import AthanorTensor

/// A network's parameters in those that the tasks share and those of the heads, each head's reached by one
/// task or by the parts of one loss.
struct ParameterParts {
  let all: [(name: String, parameter: Parameter)]
  /// Places in `all`.
  let shared: [Int]
  let heads: [Int]

  init(_ network: MultiTaskNetwork) {
    let all = network.parameters
    self.all = all
    shared = all.indices.filter { MultiTaskNetwork.isShared(all[$0].name) }
    heads = all.indices.filter { !MultiTaskNetwork.isShared(all[$0].name) }
  }

  /// The current values at some places, as leaves of the graph.
  func values(_ places: [Int]) -> [Tensor] { places.map { all[$0].parameter.value } }

  var sharedShapes: [[Int]] { shared.map { all[$0].parameter.value.shape } }

  /// Of `shared`, those of the last layer.
  var lastLayer: Range<Int> {
    guard let last = shared.last else { return 0..<0 }
    let layer = all[last].name.prefix(upTo: all[last].name.lastIndex(of: ".")!)
    let first = shared.firstIndex { all[$0].name.hasPrefix("\(layer).") }!
    return first..<shared.count
  }
}
