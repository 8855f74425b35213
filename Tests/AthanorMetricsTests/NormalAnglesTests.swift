import AthanorCore
import AthanorMetrics
import Foundation
import Testing

@Suite struct NormalAnglesTests {
  /// A unit vector so many degrees from the z axis.
  private static func tilted(_ degrees: Double) -> [Float] {
    [Float(sin(degrees * .pi / 180)), 0, Float(cos(degrees * .pi / 180))]
  }

  private static func angles(_ degrees: [Double]) -> NormalAngles {
    var angles = NormalAngles()
    angles.add(
      prediction: degrees.flatMap(tilted), truth: degrees.flatMap { _ in [0, 0, 1] as [Float] })
    return angles
  }

  @Test func handComputed() {
    let angles = Self.angles([0, 10, 20, 25, 180])
    #expect(angles.pixels == 5)
    #expect(abs(angles.mean - 47) < 1e-4)
    #expect(abs(angles.median - 20) < 2e-4)
    #expect([angles.within11, angles.within22, angles.within30] == [0.4, 0.6, 0.8])
    // The middle of both middle ones.
    #expect(abs(Self.angles([10, 90, 20, 0]).median - 15) < 2e-4)
  }

  @Test(arguments: [1, 2, 3, 1000, 1001])
  func agreesWithAnExactSort(_ count: Int) {
    var random = Generator(count)
    var angles = NormalAngles()
    var exact: [Double] = []
    for _ in 0..<count {
      // Lengths differ: only directions count.
      let (p, y) = (
        (0..<3).map { _ in Float(random.normal() * 3) }, (0..<3).map { _ in Float(random.normal()) }
      )
      angles.add(prediction: p, truth: y)
      func dot(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      exact.append(acos(dot(p, y) / (dot(p, p) * dot(y, y)).squareRoot()) * 180 / .pi)
    }
    exact.sort()
    let median = (exact[(count - 1) / 2] + exact[count / 2]) / 2
    #expect(abs(angles.median - median) <= 180 / Double(1 << 20))
    #expect(abs(angles.mean - exact.reduce(0, +) / Double(count)) < 1e-9)
    for (share, threshold) in [
      (angles.within11, 11.25), (angles.within22, 22.5), (angles.within30, 30.0),
    ] {
      #expect(share == Double(exact.filter { $0 < threshold }.count) / Double(count))
    }
  }

  @Test func whatHasNoDirection() {
    var angles = NormalAngles()
    let (none, z): ([Float], [Float]) = ([0, 0, 0], [0, 0, 1])
    // Of the truth it is unknown, of the prediction a right angle.
    for truth in [none, [.nan, 0, 1], [0, .infinity, 0]] {
      angles.add(prediction: z, truth: truth)
    }
    #expect(angles.pixels == 0 && angles.mean.isNaN && angles.median.isNaN)
    for prediction in [none, [.nan, 0, 1], [0, .infinity, 0]] {
      angles.add(prediction: prediction, truth: z)
    }
    #expect(angles.pixels == 3 && angles.mean == 90 && abs(angles.median - 90) < 2e-4)
    #expect(angles.within30 == 0)
  }

  @Test func rounding() {
    // A cosine above 1 is an angle of 0; the last cell holds 180°.
    let angles = Self.angles([180])
    #expect(abs(angles.mean - 180) < 1e-4 && abs(angles.median - 180) < 2e-4)
    var same = NormalAngles()
    let v: [Float] = [0.1, 0.7, 0.3]
    same.add(prediction: v, truth: v.map { $0 * 3 })
    #expect(same.mean < 1e-4 && same.within11 == 1)
  }
}
