import AthanorLosses
import AthanorTensor
import Testing

@Suite struct FCOSTargetsTests {
  /// Positive points of one level of a 128×128 image as "x,y:box", boxes given as (x1,y1,x2,y2).
  static func positives(
    _ boxes: [[Float]], stride: Int, _ range: ClosedRange<Float>
  ) -> [String] {
    let targets = DetectionTargets(
      boxes: Tensor(boxes.flatMap { [0] + $0 }, shape: [boxes.count, 5]),
      classes: Tensor(boxes.indices.map { Int32($0) }, shape: [boxes.count]), hasBoxes: [true])
    let size = 128 / stride
    let assigned = FCOSTargets(targets, height: size, width: size, stride: stride, range: range)
    let labels = assigned.labels.array(of: Int32.self)
    for (point, label) in labels.enumerated() {
      #expect((label >= 0) == assigned.positives.contains(point))
    }
    return zip(assigned.positives, assigned.matches).map { point, box in
      #expect(labels[point] == Int32(box))
      let half = Float(stride) / 2
      let (x, y) = (point % size * stride, point / size * stride)
      return "\(Float(x) + half),\(Float(y) + half):\(box)"
    }
  }

  @Test func pointsNearTheCenterArePositive() {
    // Centre 16: points at 12 and 20 are 4 away; 4 and 28 are 12 away, not less than 1.5·8.
    #expect(
      Self.positives([[8, 8, 24, 24]], stride: 8, 0...64)
        == ["12.0,12.0:0", "20.0,12.0:0", "12.0,20.0:0", "20.0,20.0:0"])
    // Centre 20 on a point: three points a side.
    #expect(Self.positives([[4, 4, 36, 36]], stride: 8, 0...64).count == 9)
  }

  @Test func pointsOutsideTheBoxAreNot() {
    // A thin box between two rows of points, and a small one around one point alone.
    #expect(Self.positives([[0, 14, 64, 18]], stride: 8, 0...64) == [])
    #expect(Self.positives([[10, 10, 14, 14]], stride: 8, 0...64) == ["12.0,12.0:0"])
    // A point on the edge is not inside.
    #expect(Self.positives([[12, 10, 16, 14]], stride: 8, 0...64) == [])
  }

  @Test func rangesIncludeBothEnds() {
    // Centre (68,68): the reach of the point at 68 is exactly 64, of its neighbours 72 or 68.
    let box: [Float] = [4, 4, 132, 132]
    #expect(Self.positives([box], stride: 8, 0...64) == ["68.0,68.0:0"])
    // Centre (72,72) is a point of stride 16 with reach 64, the lower end of its range.
    let other: [Float] = [8, 8, 136, 136]
    #expect(Self.positives([other], stride: 16, 64...128).contains("72.0,72.0:0"))
    #expect(Self.positives([other], stride: 16, 64...128).count == 9)
  }

  @Test func smallestBoxWinsThenTheFirst() {
    let (large, small): ([Float], [Float]) = ([0, 0, 40, 40], [10, 10, 30, 30])
    #expect(
      Self.positives([large, small], stride: 8, 0...64).filter { $0.hasSuffix(":1") }
        == Self.positives([small], stride: 8, 0...64).map { $0.replacing(":0", with: ":1") })
    #expect(Self.positives([small, small], stride: 8, 0...64).allSatisfy { $0.hasSuffix(":0") })
  }

  @Test func degenerateBoxesHaveNoPoints() {
    #expect(Self.positives([[12, 12, 12, 20]], stride: 8, 0...64) == [])
    #expect(Self.positives([[12, 12, 12, 12]], stride: 8, 0...64) == [])
    #expect(Self.positives([[30, 30, 10, 10]], stride: 8, 0...64) == [])
    // Beyond the image: its points are not there.
    #expect(Self.positives([[1e9, 1e9, 2e9, 2e9]], stride: 8, 0...64) == [])
    #expect(Self.positives([], stride: 8, 0...64) == [])
  }

  @Test func unlabelledImagesAreIgnored() {
    let targets = DetectionTargets(
      boxes: Tensor([0, 8, 8, 24, 24, 1, 8, 8, 24, 24] as [Float], shape: [2, 5]),
      classes: Tensor([3, 4] as [Int32], shape: [2]), hasBoxes: [true, false])
    let assigned = FCOSTargets(targets, height: 4, width: 4, stride: 8, range: 0...64)
    let labels = assigned.labels.array(of: Int32.self)
    #expect(labels[..<16].filter { $0 == 3 }.count == 4)
    #expect(labels[..<16].filter { $0 == PointLabel.background }.count == 12)
    #expect(labels[16...].allSatisfy { $0 == PointLabel.ignored })
    #expect(assigned.matches == [0, 0, 0, 0])
  }
}
