import AthanorNetworks
import Testing

/// The estimate is made before a network is: it must speak of the network that is then made.
struct MemoryEstimateTests {
  @Test(arguments: backbones.names)
  func parametersAreTheNetworks(_ backbone: String) throws {
    var options = NetworkOptions()
    (options.backbone, options.width, options.fpnChannels) = (backbone, 8, 32)
    for (masks, boxes) in [(3, 2), (nil, 4), (5, nil)] as [(Int?, Int?)] {
      let estimate = try MemoryEstimate(
        options, height: 64, width: 96, segmentationClasses: masks, detectionClasses: boxes)
      let network = try MultiTaskNetwork(
        options, segmentationClasses: masks, detectionClasses: boxes, seed: 0)
      let summary = try NetworkSummary(network, input: SymbolicShape(h: 64, w: 96, c: 3))
      #expect(estimate.parameters == summary.parameters)
      let outputs = summary.rows.reduce(0) { $0 + $1.output.h! * $1.output.w! * $1.output.c }
      #expect(estimate.activations >= outputs)
      #expect(estimate.working < estimate.activations)
    }
  }
}
