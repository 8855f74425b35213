import AthanorCore
import AthanorLosses
import AthanorTensor
import Foundation
import Testing

/// Values that PyTorch 2 gives in float64 for one small batch with an ignored pixel and an absent
/// class.
@Suite struct SegmentationReferenceTests {
  struct Case: Sendable, CustomStringConvertible {
    let description: String
    let loss: any SegmentationLoss
    let value: Double
    /// The gradient's first six elements, and its norm.
    let gradient: [Double]
    let norm: Double

    init(
      _ name: String, _ options: [Settings.Entry], _ value: Double, _ norm: Double,
      _ gradient: [Double]
    ) {
      description = "\(name) \(options)"
      loss = try! segmentationLosses.make(Selection(name, options), at: "loss")
      (self.value, self.gradient, self.norm) = (value, gradient, norm)
    }
  }

  static let weights = Settings.Entry("class_weights", .list([0.5, 1, 2, 4].map { .number($0) }))

  static let cases = [
    Case(
      "cross_entropy", [], 1.7443873682783557, 0.2906380046281722,
      [
        -0.069811330297, 0.066867021762, 0.002722570673, 0.000221737863, 0.001451136107,
        -0.051818248124,
      ]),
    Case(
      "cross_entropy", [weights], 1.2453233449736687, 0.25112458683063577,
      [
        -0.034905665149, 0.033433510881, 0.001361285337, 0.000110868931, 0.001451136107,
        -0.051818248124,
      ]),
    Case(
      "cross_entropy", [weights, .init("label_smoothing", .number(0.1))], 1.695361757703938,
      0.23542418828556563,
      [
        -0.027004723065, 0.040127726373, -0.003264361196, -0.009858642113, 0.000328110516,
        -0.040102344834,
      ]),
    Case(
      "focal", [], 1.3751574009539922, 0.30495223384673803,
      [
        -0.069266585022, 0.066345251241, 0.002701326163, 0.000220007618, 0.000918750827,
        -0.032807438329,
      ]),
    Case(
      "focal", [.init("gamma", .number(0.5))], 1.6058818525159264, 0.2971638979656121,
      [
        -0.073434775173, 0.070337647036, 0.002863881327, 0.00023324681, 0.001399212183,
        -0.049964110018,
      ]),
    Case(
      "focal", [.init("gamma", .number(5))], 1.1747239959919966, 0.30677875047848646,
      [
        -0.041553243705, 0.039800726318, 0.00162053412, 0.000131983267, 0.00023826173,
        -0.008508027186,
      ]),
    Case(
      "dice", [], 0.41350438979986404, 0.06344884470181505,
      [
        -0.017105816753, 0.016009161458, 0.001083113927, 1.3541367e-05, 0.000313942342,
        -0.022544299617,
      ]),
    Case(
      "dice", [.init("denominator", .string("squared")), .init("smooth", .number(1))],
      0.2773072758495431, 0.06159750283885846,
      [
        -0.019903636548, 0.01992925148, -1.8328361e-05, -7.286571e-06, 5.1101136e-05,
        -0.02453941651,
      ]),
  ]

  @Test(arguments: cases) func agreesWithPyTorch(_ item: Case) {
    let logits = Tensor((0..<48).map { 3 * sin(1.3 * Double($0) + 0.7) }, shape: [2, 3, 2, 4])
    let target = Tensor([0, 1, 2, 255, 0, 1, 1, 2, 0, 0, 255, 1] as [UInt8], shape: [2, 3, 2])
    for (dtype, tolerance) in [(DType.float64, 1e-11), (.float32, 2e-6)] {
      let (value, gradient) = valueAndGradient(logits.cast(to: dtype)) { item.loss($0, target) }
      expectClose(value, item.value, tolerance)
      expectClose(norm(gradient), item.norm, tolerance)
      for (a, b) in zip(gradient, item.gradient) { expectClose(a, b, tolerance) }
    }
  }
}
