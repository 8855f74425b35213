import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import Testing

/// The estimate is made before a weight exists: it must speak of the network that is then made.
struct MemoryEstimateTests {
  @Test(arguments: backbones.names)
  func parametersAreTheNetworks(_ backbone: String) throws {
    let options = NetworkOptions(backbone: Selection(backbone), width: 8, fpnChannels: 32)
    let classes = DataClasses(
      masks: ["a", "b", "c"], boxes: ["a", "b"], numbers: [.depth, .normals])
    for types in [["segmentation", "detection"], ["detection"], ["depth", "normals"]] {
      let tasks = try RunTask.all(
        NamedSelections(types.map { .init($0, Selection($0)) }), classes)
      let structure = try MultiTaskNetwork(options) { features in
        tasks.map { $0.makeHead(on: features) }
      }
      let estimate = MemoryEstimate(structure, height: 64, width: 96)
      let summary = NetworkSummary(structure, height: 64, width: 96)
      let network = try MultiTaskNetwork(options, tasks, seed: 0)
      let values = network.parameters().reduce(0) { $0 + $1.parameter.value.doubles.count }
      #expect(estimate.parameters == values && summary.parameters == values)
      let outputs = summary.rows.reduce(0) { $0 + $1.output.reduce(1, *) }
      #expect(estimate.activations >= outputs)
      #expect(estimate.working < estimate.activations)
    }
  }
}
