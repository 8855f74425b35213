import AthanorData
import AthanorVision
import Testing

@Suite struct SyntheticScenesTests {
  let scenes = try! SyntheticScenes(.init())

  @Test func sameSeedSameScene() throws {
    let a = scenes.scene(.train, 3)
    let b = try SyntheticScenes(.init()).scene(.train, 3)
    #expect(a.image == b.image && a.mask == b.mask && a.boxes == b.boxes)
    #expect(scenes.scene(.val, 3).image != a.image)
    var other = SyntheticScenes.Options()
    other.seed = 1
    #expect(try SyntheticScenes(other).scene(.train, 3).image != a.image)
  }

  @Test func boxesBoundVisiblePixels() {
    for index in 0..<40 {
      let sample = scenes.scene(.train, index)
      let mask = sample.mask!
      #expect(!sample.boxes!.isEmpty && sample.boxes!.count <= 6)
      for box in sample.boxes! {
        let (x1, y1, x2, y2) = (Int(box.x1), Int(box.y1), Int(box.x2), Int(box.y2))
        #expect(0 <= x1 && x1 < x2 && x2 <= 128 && 0 <= y1 && y1 < y2 && y2 <= 128)
        // Every side of the box touches a pixel of the class.
        let label = UInt8(box.label + 1)
        #expect((y1..<y2).contains { mask.pixels[$0 * 128 + x1] == label })
        #expect((y1..<y2).contains { mask.pixels[$0 * 128 + x2 - 1] == label })
        #expect((x1..<x2).contains { mask.pixels[y1 * 128 + $0] == label })
        #expect((x1..<x2).contains { mask.pixels[(y2 - 1) * 128 + $0] == label })
      }
    }
  }

  @Test func oneClassIsRareAndSomeObjectsAreSmall() {
    var counts = [Int](repeating: 0, count: 6)
    var small = 0
    for index in 0..<300 {
      for box in scenes.scene(.train, index).boxes! {
        counts[box.label] += 1
        if max(box.width, box.height) < 19 { small += 1 }
      }
    }
    let total = counts.reduce(0, +)
    #expect(total > 900)
    #expect((0.01...0.06).contains(Double(counts[5]) / Double(total)))
    #expect(counts.dropLast().allSatisfy { Double($0) / Double(total) > 0.15 })
    #expect((0.08...0.25).contains(Double(small) / Double(total)))
  }
}
