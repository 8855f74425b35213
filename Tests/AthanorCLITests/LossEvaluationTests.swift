import AthanorCLI
import AthanorCore
import AthanorExperiment
import AthanorReport
import Foundation
import TestSupport
import Testing

@Suite struct LossEvaluationTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file<T: ArrayElement>(_ name: String, _ values: [T], _ shape: [Int]) throws -> String
  {
    let path = "\(folder.path)/\(name).npy"
    try NumPyFile.write(NumericArray(values, shape: shape), to: path)
    return path
  }

  @Test func crossEntropyOfEvenLogits() throws {
    let logits = try file("logits", [Float](repeating: 0, count: 12), [1, 2, 2, 3])
    let target = try file("target", [0, 2, 255, 1] as [UInt8], [1, 2, 2])
    let result = try LossEvaluation("cross_entropy", overrides: [])(
      prediction: logits, target: target)
    #expect(abs(result.loss - log(3)) < 1e-6)
    let gradient = try #require(result.gradient.elements(as: Float.self))
    #expect(result.gradient.shape == [1, 2, 2, 3])
    #expect(abs(gradient[0] + 2 / 9) < 1e-6 && abs(gradient[1] - 1 / 9) < 1e-6)
    #expect(gradient[6...8] == [0, 0, 0])
  }

  @Test func signedTargetsIgnoreMinusOne() throws {
    let logits = try file("logits", [Double](repeating: 0, count: 4), [1, 1, 2, 2])
    let target = try file("target", [-1, 1] as [Int64], [1, 1, 2])
    let result = try LossEvaluation("dice", overrides: [])(prediction: logits, target: target)
    #expect(abs(result.loss - (1 - 2 * 0.5 / 1.5) / 2) < 1e-12)
  }

  @Test func boxesGiveTheirMean() throws {
    let boxes = try file("boxes", [0, 0, 2, 2, 0, 0, 1, 1] as [Double], [2, 4])
    let truth = try file("truth", [0, 0, 2, 2, 1, 1, 2, 2] as [Double], [2, 4])
    let result = try LossEvaluation("giou", overrides: [])(prediction: boxes, target: truth)
    // One matches; the other covers, together with its target, half of the enclosing box.
    #expect(abs(result.loss - (0 + 1.5) / 2) < 1e-6)
  }

  @Test func errorsSayWhatWasExpected() throws {
    let logits = try file("logits", [Float](repeating: 0, count: 12), [1, 2, 2, 3])
    let boxes = try file("boxes", [0, 0, 2, 2] as [Float], [1, 4])
    let target = try file("target", [0, 2, 255, 3] as [UInt8], [1, 2, 2])
    let small = try file("small", [0, 2] as [UInt8], [1, 2])
    let floats = try file("floats", [0, 1, 2, 0] as [Float], [1, 2, 2])
    func refused(
      _ name: String, _ prediction: String, _ target: String, _ set: String? = nil
    ) throws -> String {
      let overrides = try set.map { [try Override($0)] } ?? []
      let error = #expect(throws: SettingsError.self) {
        _ = try LossEvaluation(name, overrides: overrides)(
          prediction: prediction, target: target)
      }
      return error.map { "\($0)" } ?? ""
    }
    #expect(try refused("dise", logits, target).contains("did you mean 'dice'"))
    #expect(try refused("dice", boxes, target).contains("[N,H,W,C]"))
    #expect(try refused("dice", logits, small).contains("shape [1, 2, 2]"))
    #expect(try refused("dice", logits, target).contains("classes below 3"))
    #expect(try refused("dice", logits, floats).contains("integer"))
    // Masks are bytes: higher class indices do not exist, however many classes the logits have.
    let many = try file("many", [Float](repeating: 0, count: 300), [1, 1, 1, 300])
    for stray in [255 + 1, 299, -2, .max] as [Int64] {
      let beyond = try file("beyond", [stray], [1, 1, 1])
      #expect(try refused("dice", many, beyond).contains("classes below 255"))
    }
    #expect(try refused("giou", logits, boxes).contains("[M,4]"))
    #expect(
      try refused(
        "cross_entropy", logits, floats.replacing("floats", with: "target"),
        "class_weights=[1,2]"
      ).contains("classes"))
  }
}

@Test func boxRegressionHasThePapersOrder() throws {
  var experiment = BoxRegression()
  experiment.points = 30
  let curves = try experiment { _ in }
  let left = Dictionary(uniqueKeysWithValues: curves.map { ($0.name, $0.errors.last!) })
  let order = ["iou", "giou", "diou", "ciou"].map { left[$0]! }
  #expect(order == order.sorted(by: >), "\(left)")
  #expect(order[0] > 100 * order[1])
}
