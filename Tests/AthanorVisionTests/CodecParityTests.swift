import AthanorCore
import AthanorVision
import Testing

@Suite("Codecs against cv::imread")
struct CodecParityTests {
  /// Read by OpenCV, not by us: a partial image, and a format we do not have.
  static let onlyOpenCV = ["partial_progressive.jpg", "testorig.ppm"]

  @Test(
    "Edge images have OpenCV's pixels, or are refused by name",
    .enabled(if: dataFolder != nil, "needs the test data: set ATHANOR_DATA"))
  func edgeImages() throws {
    var identical = 0
    for path in dataFiles("edge_images", ImageKind.allExtensions + ["ppm"]) {
      let bytes = try AtomicFile.read(path)
      for mode in [ReadMode.color, .gray] {
        let reference = referenceDecode(bytes, gray: mode == .gray)
        do {
          let ours = try Image(encoded: bytes, name: path, as: mode)
          guard let reference else {
            Issue.record("\(path): read, but OpenCV refuses it")
            continue
          }
          let difference = firstDifference(ours, reference)
          #expect(difference == nil, "\(path) as \(mode): \(difference ?? "")")
          identical += 1
        } catch let error as ContentError {
          #expect(error.path == path)
          #expect(
            reference == nil || Self.onlyOpenCV.contains { path.hasSuffix($0) },
            "OpenCV reads it, but: \(error)")
        }
      }
    }
    #expect(identical > 500)
  }

  @Test(
    "Index masks of the test data read as stored",
    .enabled(if: dataFolder != nil, "needs the test data: set ATHANOR_DATA"))
  func masks() throws {
    for path in dataFiles("CamVid_segnet", ["png"]) where path.contains("annot") {
      let mask = try Image(contentsOf: path, as: .indices)
      #expect(mask.channels == 1)
      #expect(mask.pixels.max()! <= 11, "\(path)")
    }
  }
}
