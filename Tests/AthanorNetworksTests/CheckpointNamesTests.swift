import AthanorCore
import AthanorNetworks
import AthanorTensor
import Testing

@Suite struct CheckpointNamesTests {
  /// `Tests/Twin/names_resnet18.txt` is what PyTorch calls the same network's entries.
  @Test func namesAndShapesArePyTorchs() throws {
    let file = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined()
    let lines = try TextFile.read("\(file)/Twin/names_resnet18.txt").split(separator: "\n")
    let network = try MultiTaskNetwork(
      NetworkOptions(), segmentationClasses: 6, detectionClasses: 5, seed: 0)
    let ours = network.stateDictionary().map { name, tensor in
      let shape = tensor.shape.map(String.init).joined(separator: "x")
      return "\(name) \(shape.isEmpty ? "scalar" : shape)"
    }
    #expect(Set(ours).symmetricDifference(lines.map(String.init)).sorted() == [])
    #expect(ours.count == lines.count)
  }
}
