import AthanorCore
import AthanorData
import AthanorTensor
import AthanorVision
import Testing

/// Samples of two sizes, some labels missing, one of which cannot be read.
private struct Toy: Dataset {
  var count = 10
  var broken: Int?
  let warnings = WarningLog()
  let classes = DataClasses(masks: ["background", "a"], boxes: ["a"])

  func name(at index: Int) -> String { "toy\(index)" }

  func sample(at index: Int) throws -> Sample {
    if index == broken {
      throw ContentError(path: "toy\(index).png", expected: "an image", received: "noise")
    }
    let (width, height) = index % 2 == 0 ? (64, 32) : (20, 40)
    var sample = Sample(name: name(at: index), image: blank(width, height, UInt8(10 * index)))
    if index % 3 != 0 { sample.mask = Image(width: width, height: height, channels: 1) }
    if index % 3 != 1 {
      sample.boxes =
        index == 2 ? [] : [BoundingBox(x1: 2, y1: 4, x2: 10, y2: 12, label: 0)]
    }
    return sample
  }
}

@Suite struct LoaderTests {
  private let format = InputFormat(
    width: 64, height: 64, mean: [0, 0, 0], std: [1, 1, 1])
  private let labels: [String: Label.Kind] = ["mask": .mask, "boxes": .boxes]

  @Test func letterboxPadsRightAndBottom() throws {
    let toy = Toy()
    let batch = Batch(try [2, 3].map { try toy.sample(at: $0) }, format, labels: labels)
    let (masks, boxes) = (batch.labels["mask"]!, batch.labels["boxes"]!)
    #expect(batch.image.shape == [2, 64, 64, 3] && masks.values.shape == [2, 64, 64])
    let image = batch.image.array(of: Float.self)
    func pixel(_ n: Int, _ y: Int, _ x: Int) -> Float { image[((n * 64 + y) * 64 + x) * 3] }
    // 64×32 fills the upper half; 20×40 becomes 32×64 and fills the left half.
    #expect(abs(pixel(0, 31, 63) - 20 / 255) < 1e-6 && pixel(0, 32, 0) == 0)
    #expect(abs(pixel(1, 63, 31) - 30 / 255) < 1e-6 && pixel(1, 0, 32) == 0)
    let mask = masks.values.array(of: UInt8.self)
    #expect(mask[31 * 64 + 63] == 0 && mask[32 * 64] == 255)
    #expect(mask[64 * 64] == 255)
    #expect(masks.isLabelled == [true, false] && boxes.isLabelled == [true, true])
    #expect(boxes.values.shape == [1, 5] && boxes.classes!.array(of: Int32.self) == [0])
    let corners: [Float] = [1, 3.2, 6.4, 16, 19.2]
    #expect(zip(boxes.values.array(of: Float.self), corners).allSatisfy { abs($0 - $1) < 1e-4 })
    let back = batch.geometry[1].toOriginal(
      BoundingBox(x1: 3.2, y1: 6.4, x2: 16, y2: 99, label: 0))
    #expect(abs(back.x1 - 2) < 1e-4 && abs(back.x2 - 10) < 1e-4 && back.y2 == 40)
    let whole = Image(width: 64, height: 64, channels: 1, filledWith: 1)
    #expect(
      batch.geometry[1].toOriginal(whole)
        == Image(
          width: 20, height: 40, channels: 1, filledWith: 1))
  }

  @Test func stretchAndNoBoxes() throws {
    var format = format
    format.fit = .stretch
    let batch = Batch([try Toy().sample(at: 2)], format, labels: labels)
    let boxes = batch.labels["boxes"]!
    #expect(boxes.values.shape == [0, 5] && boxes.classes!.shape == [0])
    #expect(boxes.isLabelled == [true])
    #expect(batch.labels["mask"]!.values.array(of: UInt8.self).allSatisfy { $0 == 0 })
  }

  @Test func everyEpochHasItsOrderAndEverySampleOnce() {
    let loader = Loader(Toy(), format, labels: labels)
    #expect(loader.order(epoch: 0).sorted() == Array(0..<10))
    #expect(loader.order(epoch: 0) == Loader(Toy(), format, labels: labels).order(epoch: 0))
    #expect(loader.order(epoch: 0) != loader.order(epoch: 1))
  }

  @Test(arguments: [1, 3]) func sameBatchesHoweverManyWorkersAndWhereverStarted(
    workers: Int
  ) throws {
    let augment: Augment = { sample, epoch, generator in
      var sample = sample
      let shift = UInt8(generator.integer(in: 0..<100) + epoch)
      for i in sample.image.pixels.indices { sample.image.pixels[i] &+= shift }
      return sample
    }
    var options = Loader.Options()
    (options.batchSize, options.workers, options.prefetch) = (3, workers, 1 + workers)
    let plain = Loader(Toy(), format, labels: labels, options, augment: augment)
    let loader = Loader(Toy(), format, labels: labels, options, augment: augment)
    #expect(loader.batchesPerEpoch == 4)
    for epoch in 0..<3 {
      for start in [0, 2] {
        let queue = loader.batches(epoch: epoch, from: start)
        for step in start..<4 {
          let batch = try #require(try queue.next())
          let expected = try plain.batch(epoch: epoch, step: step)
          #expect(batch.names == expected.names)
          #expect(batch.image.array(of: Float.self) == expected.image.array(of: Float.self))
        }
        #expect(try queue.next() == nil)
      }
    }
  }

  @Test func lastBatchAndErrors() throws {
    var options = Loader.Options()
    (options.batchSize, options.shuffle, options.isStrict) = (4, false, true)
    let loader = Loader(Toy(broken: 5), format, labels: labels, options)
    let queue = loader.batches(epoch: 0)
    #expect(try queue.next()?.names == ["toy0", "toy1", "toy2", "toy3"])
    #expect(message { _ = try queue.next() }.contains("toy5.png: expected an image"))
    #expect(try queue.next() == nil)
    #expect(loader.batchesPerEpoch == 3)
    options.dropLast = true
    #expect(Loader(Toy(), format, labels: labels, options).batchesPerEpoch == 2)
    #expect(
      message { try InputFormat(width: 100, height: 64).validate(at: "input") }
        == "input.width: expected a positive multiple of 32, received 100")
  }

  @Test func theNextSampleStandsForADamagedOne() throws {
    var options = Loader.Options()
    (options.batchSize, options.seed) = (4, 1)
    let loader = Loader(Toy(broken: 5), format, labels: labels, options)
    for epoch in 0..<3 {
      let order = loader.order(epoch: epoch)
      let names = order.enumerated().map { place, index in
        "toy\(index == 5 ? order[(place + 1) % order.count] : index)"
      }
      let queue = loader.batches(epoch: epoch)
      var read: [String] = []
      while let batch = try queue.next() { read += batch.names }
      #expect(read == names)
      // A loader that begins in the middle takes the same.
      let later = Loader(Toy(broken: 5), format, labels: labels, options)
      #expect(try later.batch(epoch: epoch, step: 2).names == Array(names[8...]))
    }
    #expect(loader.damaged.map(\.name) == ["toy5"])
    #expect("\(loader.damaged[0].error)".contains("toy5.png: expected an image"))
  }

  @Test func whereNothingCanBeReadTheFirstErrorEndsIt() {
    let loader = Loader(Toy(count: 1, broken: 0), format, labels: labels)
    #expect(message { _ = try loader.batch(epoch: 0, step: 0) }.contains("toy0.png"))
  }

  @Test func anUnfinishedQueueCanBeDropped() throws {
    for epoch in 0..<5 {
      _ = try Loader(Toy(), format, labels: labels).batches(epoch: epoch).next()
    }
  }
}
