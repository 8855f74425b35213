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
      NetworkOptions(backbone: Selection("resnet18"), width: 64, fpnChannels: 128),
      RunTask.all(["segmentation", "detection"], classes), seed: 0)
    let ours = network.stateDictionary().map { name, tensor in
      let shape = tensor.shape.map(String.init).joined(separator: "x")
      return "\(name) \(shape.isEmpty ? "scalar" : shape)"
    }
    #expect(Set(ours).symmetricDifference(lines.map(String.init)).sorted() == [])
    #expect(ours.count == lines.count)
  }

  /// `Tests/Twin/names_NAME.txt` is what torchvision calls the entries of its backbones.
  @Test(arguments: ["resnext50_32x4d", "mobilenet_v3_large", "convnext_tiny"])
  func backbonesAreTorchvisions(_ name: String) throws {
    let file = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined()
    let lines = try TextFile.read("\(file)/Twin/names_\(name).txt").split(separator: "\n")
    let network = try MultiTaskNetwork(
      NetworkOptions(backbone: Selection(name), width: 64),
      RunTask.all(["segmentation"], DataClasses(masks: ["a", "b"], boxes: [])), seed: 0)
    let ours = network.stateDictionary().filter { $0.name.hasPrefix("backbone.") }.map {
      let shape = $0.tensor.shape.map(String.init).joined(separator: "x")
      return "\($0.name.dropFirst("backbone.".count)) \(shape.isEmpty ? "scalar" : shape)"
    }
    #expect(Set(ours).symmetricDifference(lines.map(String.init)).sorted() == [])
    #expect(ours.count == lines.count)
  }
}
