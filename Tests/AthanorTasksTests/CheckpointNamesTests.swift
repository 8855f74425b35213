import AthanorCore
import AthanorData
import AthanorNetworks
import AthanorTasks
import AthanorTensor
import Testing

@Suite struct CheckpointNamesTests {
  /// `Tests/Twin/names_resnet18.txt` is what PyTorch calls the same network's entries.
  @Test func namesAndShapesArePyTorchs() throws {
    let file = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined()
    let lines = try TextFile.read("\(file)/Twin/names_resnet18.txt").split(separator: "\n")
    let classes = DataClasses(
      masks: (0..<6).map { "\($0)" }, boxes: (0..<5).map { "\($0)" })
    let network = try MultiTaskNetwork(
      NetworkOptions(), RunTask.all(["segmentation", "detection"], classes), seed: 0)
    let ours = network.stateDictionary().map { name, tensor in
      let shape = tensor.shape.map(String.init).joined(separator: "x")
      return "\(name) \(shape.isEmpty ? "scalar" : shape)"
    }
    #expect(Set(ours).symmetricDifference(lines.map(String.init)).sorted() == [])
    #expect(ours.count == lines.count)
  }
}
