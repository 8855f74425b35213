import AthanorBalancing
import AthanorCore
import AthanorLosses
import AthanorNetworks
import AthanorTensor
import AthanorTraining
import AthanorVision
import Testing

/// Options written in Swift instead of a configuration, from every family.
@Suite struct SwiftOptionsTests {
  private static let tasks = [
    BalancedTask("segmentation", .classification), BalancedTask("depth", .regression),
  ]

  @Test func optimizers() throws {
    #expect(try AdamW(learningRate: 3e-3).baseLearningRate == 3e-3)
    #expect(try AdamW(weightDecay: 0).baseLearningRate == AdamW.Options().learningRate)
    #expect(try SGD(learningRate: 0.1, momentum: 0).baseLearningRate == 0.1)
    #expect(throws: SettingsError.self) { try AdamW(learningRate: 0) }
    #expect(throws: SettingsError.self) { try SGD(momentum: 1) }
  }

  @Test func schedules() throws {
    #expect(ConstantSchedule().factor(progress: 0.5, epoch: 0) == 1)
    #expect(CosineSchedule(final: 0.25).factor(progress: 1, epoch: 0) == 0.25)
    #expect(PolynomialSchedule(power: 2).factor(progress: 0.5, epoch: 0) == 0.25)
    let step = try StepSchedule(milestones: [0.5], gamma: 0.5)
    #expect(step.factor(progress: 0.4, epoch: 0) == 1)
    #expect(step.factor(progress: 0.6, epoch: 0) == 0.5)
    #expect(throws: SettingsError.self) { try StepSchedule(milestones: [2]) }
  }

  @Test func weightings() throws {
    let fixed = try FixedWeighting(weights: ["depth": 0.25])
    try fixed.begin(Self.tasks)
    #expect(fixed.weights([3, 4]) == [1, 0.25])
    let uncertainty = try UncertaintyWeighting(form: .libmtl, initial: 0.5, bound: .none)
    try uncertainty.begin(Self.tasks)
    #expect(uncertainty.logVariances == [0.5, 0.5])
    #expect(ImpartialGradientWeighting(on: .features).usesFeatures)
    #expect(!ImpartialGradientWeighting().usesFeatures)
    #expect(throws: Never.self) { try CAGrad(c: 0.4) }
    #expect(throws: SettingsError.self) { try CAGrad(c: -1) }
    #expect(throws: SettingsError.self) { try GradNorm(lr: 0) }
    #expect(throws: SettingsError.self) { try NashMTL(updateEvery: 0, maxNorm: nil) }
  }

  @Test func segmentationLosses() throws {
    let logits = Tensor([2, 0, 1, -1] as [Float], shape: [1, 1, 2, 2])
    let mask = Tensor([0, 1] as [UInt8], shape: [1, 1, 2])
    let loss = { (loss: any SegmentationLoss) in loss(logits, mask).doubles[0] }
    #expect(try abs(loss(FocalLoss(gamma: 0)) - loss(CrossEntropyLoss())) < 1e-6)
    #expect(try loss(FocalLoss(gamma: 1)) > loss(FocalLoss()))
    #expect(try loss(FocalLoss(gamma: 1, alpha: .uniform(2))) > loss(FocalLoss(gamma: 1)))
    #expect(throws: SettingsError.self) { try FocalLoss(gamma: -1) }
    #expect(throws: SettingsError.self) { try DiceLoss(epsilon: -1) }
  }

  @Test func lossesOfOtherTasks() {
    #expect(throws: SettingsError.self) { try ImageCrossEntropyLoss(labelSmoothing: 1) }
    #expect(throws: SettingsError.self) { try DepthSmoothL1Loss(beta: 0) }
    #expect(throws: SettingsError.self) { try AlphaIoULoss(alpha: 0) }
    #expect(throws: SettingsError.self) { try SigmoidFocalLoss(alpha: 2) }
  }

  @Test func augmentationsAndPreprocessing() throws {
    let image = Image(width: 2, height: 1, channels: 1, pixels: [7, 9])
    let sample = Sample(name: "two pixels", image: image)
    var generator = Generator(0)
    let flipped = try HorizontalFlip(probability: 1)
      .apply(to: sample, epoch: 0, using: &generator)
    #expect(flipped.image.pixels == [9, 7])
    let resized = try ResizeOp(width: 64, height: 48).apply(to: sample).image
    #expect(resized.width == 64 && resized.height == 48)
    let bordered = try BorderOp(left: 1, value: [5]).apply(to: sample).image
    #expect(bordered.pixels == [5, 7, 9])
    let shifted = try WarpAffineOp(shift: [1, 0], interpolation: .nearest, value: [3])
      .apply(to: sample).image
    #expect(shifted.pixels == [3, 7])
    #expect(throws: SettingsError.self) { try GridMask(probability: 2) }
    #expect(throws: SettingsError.self) { try GridMask(dMin: 1) }
    #expect(throws: SettingsError.self) { try ResizeOp() }
    #expect(throws: SettingsError.self) { try CLAHEOp(tilesX: 0) }
  }

  @Test func backbones() throws {
    #expect(throws: Never.self) { try ConvNeXtTiny(stochasticDepth: 0.2) }
    #expect(throws: SettingsError.self) { try ConvNeXtTiny(stochasticDepth: 1) }
    let dilated = try ResNet18(dilation: [false, true, true])
    // Basic blocks have no dilation.
    #expect(throws: SettingsError.self) { try dilated.makeBackbone(width: 8) }
  }
}
