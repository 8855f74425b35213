import AthanorCore
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

  /// Runs are compared across versions: a scene of a seed stays the same to the bit.
  @Test func picturesMasksAndBoxesAreThoseOfEveryEarlierVersion() throws {
    var crowded = SyntheticScenes.Options()
    (crowded.width, crowded.height, crowded.seed) = (160, 96, 7)
    (crowded.minObjects, crowded.maxObjects, crowded.radius) = (0, 20, [6, 64])
    for (options, expected) in [
      (SyntheticScenes.Options(), "ffacde3c2c1eb834"), (crowded, "1be127d5e59d9e17"),
    ] {
      let scenes = try SyntheticScenes(options)
      var all = Fingerprint([])
      for split in Split.allCases {
        for index in 0..<20 {
          let sample = scenes.scene(split, index)
          all.add(Fingerprint(sample.image.pixels).value)
          all.add(Fingerprint(sample.mask!.pixels).value)
          for box in sample.boxes! {
            for edge in [box.x1, box.y1, box.x2, box.y2] { all.add(UInt64(edge.bitPattern)) }
            all.add(UInt64(box.label))
          }
        }
      }
      #expect(all.digits == expected)
    }
  }

  private func scenes(objects: Int, radius: [Double] = [12, 30]) throws -> SyntheticScenes {
    var options = SyntheticScenes.Options()
    (options.minObjects, options.maxObjects, options.radius) = (objects, objects, radius)
    return try SyntheticScenes(options)
  }

  @Test func depthsAndNormalsOfEveryPixel() {
    for index in 0..<20 {
      let sample = scenes.scene(.train, index)
      let (depth, normals) = (sample.depth!, sample.normals!)
      #expect(depth.channels == 1 && normals.channels == 3)
      #expect(depth.values.allSatisfy { $0 > 0.5 && $0 <= 10 })
      let vectors = (0..<(128 * 128)).map { Array(normals.values[(3 * $0)..<(3 * $0 + 3)]) }
      #expect(vectors.allSatisfy { abs($0.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5 })
      #expect(vectors.allSatisfy { $0[2] >= 0 })
      // The ground is a plane that comes nearer from above and faces upwards; objects are round.
      let isGround = sample.mask!.pixels.map { $0 == 0 }
      let ground = vectors.indices.filter { isGround[$0] }
      #expect(Set(ground.map { vectors[$0] }).count == 1 && vectors[ground[0]][1] > 0.2)
      let rows = Dictionary(grouping: ground) { $0 / 128 }.mapValues { pixels in
        Set(pixels.map { depth.values[$0] })
      }
      #expect(rows.values.allSatisfy { $0.count == 1 })
      let falling = rows.sorted { $0.key < $1.key }.map { $0.value.first! }
      #expect(zip(falling, falling.dropFirst()).allSatisfy { $0 > $1 })
      let objects = vectors.indices.filter { !isGround[$0] }
      #expect(Set(objects.map { vectors[$0] }).count > objects.count / 4)
      #expect(objects.allSatisfy { depth.values[$0] < falling.last! })
    }
  }

  @Test func whatIsPaintedLaterIsNearer() throws {
    // The same draws: each scene has the objects of the one before it, and another.
    let all = try (0...6).map { try scenes(objects: $0, radius: [20, 40]) }
    for index in 0..<20 {
      for (fewer, more) in zip(all, all.dropFirst()) {
        let (a, b) = (fewer.scene(.val, index).depth!, more.scene(.val, index).depth!)
        let changed = a.values.indices.filter { a.values[$0] != b.values[$0] }
        let before = changed.map { a.values[$0] }.min() ?? .infinity
        #expect(changed.allSatisfy { b.values[$0] < before && b.values[$0] > 0 })
      }
    }
  }

  @Test func smallObjectsAreFar() throws {
    let scenes = try scenes(objects: 1)
    var discs = 0
    for index in 0..<60 {
      let sample = scenes.scene(.train, index)
      guard let box = sample.boxes!.first, box.label == 0, box.x1 > 0, box.y1 > 0, box.x2 < 128,
        box.y2 < 128
      else { continue }
      discs += 1
      let depths = sample.depth!.values.indices.filter { sample.mask!.pixels[$0] == 1 }
        .map { sample.depth!.values[$0] }
      // Its outline is as far as its size says; its middle is nearer by its radius.
      #expect(abs(depths.max()! * box.width / 84 - 1) < 0.1)
      #expect(depths.min()! < depths.max()!)
    }
    #expect(discs > 4)
  }

  @Test func theClassIsTheShapeOfMostPixels() throws {
    var seen = Set<Int>()
    for index in 0..<60 {
      let sample = scenes.scene(.train, index)
      let counts = (1...6).map { value in sample.mask!.pixels.count { $0 == UInt8(value) } }
      let category = try #require(sample.category)
      #expect(counts[category] == counts.max())
      seen.insert(category)
    }
    #expect(seen.isSuperset(of: 0...4))
    #expect(SyntheticScenes.classes.labels["class"]?.names == SyntheticScenes.classes.boxes)
    let empty = try scenes(objects: 0).scene(.train, 0)
    #expect(empty.category == nil && empty.boxes == [] && empty.depth != nil)
  }
}
