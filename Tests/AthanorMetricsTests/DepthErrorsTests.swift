import AthanorCore
import AthanorMetrics
import Foundation
import Testing

@Suite struct DepthErrorsTests {
  @Test func handComputed() {
    var errors = DepthErrors()
    // Ratios 1, 2, 1.25 (not below it) and one of a prediction that is no depth.
    errors.add(prediction: [2, 1, 5, -1], truth: [2, 2, 4, 1])
    #expect(errors.pixels == 4)
    #expect(errors.absErr == 1)
    #expect(errors.relErr == (0 + 0.5 + 0.25 + 2) / 4)
    #expect(errors.rmse == (6.0 / 4).squareRoot())
    #expect([1, 2, 3].map { errors.delta($0) } == [0.25, 0.5, 0.5])
  }

  @Test func agreesWithPlainLoopsOverImagesAddedOneByOne() {
    var random = Generator(7)
    var errors = DepthErrors()
    var pairs: [(p: Double, y: Double)] = []
    for count in [1, 0, 40, 1000] {
      var (prediction, truth) = ([Float](), [Float]())
      for _ in 0..<count {
        prediction.append(Float(random.uniform(-1, 20)))
        let invalid: [Float] = [0, -3, .nan, .infinity, -.infinity]
        let isKnown = random.chance(0.8)
        truth.append(
          isKnown ? prediction.last! * Float(random.uniform(0.4, 2.2)) : invalid[count % 5])
        if isKnown, truth.last! > 0 {
          pairs.append((Double(prediction.last!), Double(truth.last!)))
        }
      }
      errors.add(prediction: prediction, truth: truth)
    }
    let count = Double(pairs.count)
    #expect(errors.pixels == pairs.count)
    func expectClose(_ a: Double, _ b: Double) { #expect(abs(a - b) <= 1e-12 * abs(b)) }
    expectClose(errors.absErr, pairs.reduce(0) { $0 + abs($1.p - $1.y) } / count)
    expectClose(errors.relErr, pairs.reduce(0) { $0 + abs($1.p - $1.y) / $1.y } / count)
    expectClose(
      errors.rmse, (pairs.reduce(0) { $0 + pow($1.p - $1.y, 2) } / count).squareRoot())
    for k in 1...3 {
      let within = pairs.filter { max($0.p / $0.y, $0.y / $0.p) < pow(1.25, Double(k)) }.count
      expectClose(errors.delta(k), Double(within) / count)
    }
  }

  @Test func predictionsOfNoDepthAreWithinNoFactor() {
    var errors = DepthErrors()
    errors.add(prediction: [0, -2], truth: [1, 2])
    #expect(errors.delta(3) == 0 && errors.relErr == 1.5)
  }

  @Test func nothingValidIsNothing() {
    var errors = DepthErrors()
    errors.add(prediction: [1, 2], truth: [0, .nan])
    #expect(errors.pixels == 0 && errors.relErr.isNaN)
  }
}
