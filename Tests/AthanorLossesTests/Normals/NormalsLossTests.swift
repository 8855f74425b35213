import AthanorCore
import AthanorLosses
import AthanorTensor
import Foundation
import Testing

@Suite struct NormalsLossTests {
  static let loss = CosineLoss()

  /// p = sin(1.3 i + .7), y = cos(.9 i) brought to length 1 for i from 0; pixels 2 and 5 of y are
  /// unknown.
  static let batch: (prediction: Tensor, target: Tensor) = {
    var target = (0..<36).map { cos(0.9 * Double($0)) }
    for pixel in 0..<12 {
      let own = (3 * pixel)..<(3 * pixel + 3)
      let length = norm(Array(target[own]))
      for i in own { target[i] = unknown.contains(pixel) ? 0 : target[i] / length }
    }
    let prediction = (0..<36).map { sin(1.3 * Double($0) + 0.7) }
    return (Tensor(prediction, shape: [1, 3, 4, 3]), Tensor(target, shape: [1, 3, 4, 3]))
  }()

  static let unknown = [2, 5]

  @Test func theRegistryHasNoOther() { #expect(normalsLosses.names == ["cosine"]) }

  /// 1 − F.cosine_similarity(p, y, dim=-1)[valid].mean() in float64.
  @Test func agreesWithPyTorch() {
    for (dtype, tolerance) in [(DType.float64, 1e-10), (.float32, 2e-6)] {
      let (value, gradient) = valueAndGradient(Self.batch.prediction.cast(to: dtype)) {
        Self.loss($0, Self.batch.target.cast(to: dtype))
      }
      expectClose(value, 0.887165646054868, tolerance)
      expectClose(norm(gradient), 0.17922187088315983, tolerance)
      let first = [
        -0.027168695396, 0.020175521067, 0.005344014502, 0.017594470685, 0.039152020043,
        0.04047221183,
      ]
      for (a, b) in zip(gradient, first) { expectClose(a, b, tolerance) }
    }
  }

  @Test func isItsFormula() {
    for seed in 0..<5 {
      let (p, y) = (normal([2, 3, 4, 3], seed: seed), normal([2, 3, 4, 3], seed: seed + 50))
      let (a, b) = (p.doubles, y.doubles)
      let cosines = stride(from: 0, to: a.count, by: 3).map { start in
        let (p, y) = (Array(a[start..<start + 3]), Array(b[start..<start + 3]))
        return zip(p, y).reduce(0) { $0 + $1.0 * $1.1 } / norm(p)
      }
      expectClose(Self.loss(p, y).scalar, 1 - cosines.reduce(0, +) / Double(cosines.count), 1e-12)
      // The length of a prediction makes no difference.
      expectClose(Self.loss(p * 7, y).scalar, Self.loss(p, y).scalar, 1e-12)
    }
  }

  @Test func gradientMatchesDifferences() {
    expectGradient(at: Self.batch.prediction, step: 1e-6) { Self.loss($0, Self.batch.target) }
  }

  @Test func invalidPixelsCountNowhere() {
    let plain = valueAndGradient(Self.batch.prediction) { Self.loss($0, Self.batch.target) }
    for pixel in Self.unknown {
      for c in 0..<3 { #expect(plain.gradient[3 * pixel + c] == 0) }
    }
    for wild in [Double.nan, .infinity, 1e200, 0] {
      var (values, truth) = (Self.batch.prediction.doubles, Self.batch.target.doubles)
      for pixel in Self.unknown {
        for c in 0..<3 { values[3 * pixel + c] = wild }
      }
      func expectSame(_ what: String) {
        let other = valueAndGradient(Tensor(values, shape: [1, 3, 4, 3])) {
          Self.loss($0, Tensor(truth, shape: [1, 3, 4, 3]))
        }
        #expect(other.value == plain.value && other.gradient == plain.gradient, "\(what) \(wild)")
      }
      expectSame("prediction")
      values = Self.batch.prediction.doubles
      guard wild != 1e200 else { continue }
      // One component is enough.
      for pixel in Self.unknown { truth[3 * pixel + 1] = wild }
      expectSame("target")
    }
  }

  @Test func noValidPixelGivesZeros() {
    for value in [0, Double.nan, .infinity] {
      for shape in [[2, 3, 4, 3], [0, 3, 4, 3], [1, 0, 4, 3]] {
        for dtype in [DType.float32, .float64] {
          let prediction = normal(shape, seed: 4).cast(to: dtype)
          let (loss, gradient) = valueAndGradient(prediction) {
            Self.loss($0, Tensor(repeating: value, shape: shape, dtype))
          }
          #expect(loss == 0 && gradient == prediction.zerosLike().doubles, "\(value) \(shape)")
        }
      }
    }
  }

  @Test func finiteWithoutALength() {
    for dtype in [DType.float32, .float64] {
      for size in [0, 1e-30, 1e-13, 1e-6, 1e15] {
        let prediction = Tensor([size, 0, 0, 0, -size, size], shape: [1, 1, 2, 3]).cast(to: dtype)
        let target = Tensor([0, 1.0, 0, 0, 0, 1], shape: [1, 1, 2, 3]).cast(to: dtype)
        let (value, gradient) = valueAndGradient(prediction) { Self.loss($0, target) }
        #expect((0...2).contains(value) && gradient.allSatisfy(\.isFinite), "\(size): \(gradient)")
        // Nothing has a direction: no angle is better than a right one.
        if size == 0 { #expect(value == 1) }
      }
    }
  }

  @Test func fromAgreementToOpposition() {
    let y = Self.batch.target
    expectClose(Self.loss(y, y).scalar, 0, 1e-15)
    expectClose(Self.loss(y * -1, y).scalar, 2, 1e-15)
  }
}
