import AthanorBalancing
import AthanorCore
import Testing

@Suite struct FixedWeightingTests {
  static let tasks = [
    BalancedTask("segmentation", .classification), BalancedTask("detection", .regression),
  ]

  /// The method of losses that a configuration's selection names.
  static func make(_ selection: Selection) throws -> any LossWeighting {
    let weighting = try weightings.make(selection, at: "weighting")
    guard case .losses(let method) = weighting.rule else { throw NotOfLosses() }
    return method
  }
  struct NotOfLosses: Error {}

  @Test func weightsAreOneUnlessGiven() throws {
    let plain = try Self.make(Selection("fixed"))
    try plain.begin(Self.tasks)
    #expect(plain.weights([3, 4]) == [1, 1])

    var options = FixedWeighting.Options()
    options.weights = ["detection": 0.25]
    let given = try FixedWeighting(options)
    try given.begin(Self.tasks)
    #expect(given.weights([3, 4]) == [1, 0.25])
    #expect(given.weights([nil, 4]) == [nil, 0.25])
    #expect(given.regularizer([3, 4]) == 0)
    #expect(given.state.isEmpty)
  }

  @Test func weightsComeFromConfigurations() throws {
    let selection = Selection("fixed", [.init("weights", .map([.init("detection", .number(2))]))])
    let weighting = try Self.make(selection)
    try weighting.begin(Self.tasks)
    #expect(weighting.weights([1, 1]) == [1, 2])
  }

  @Test func unknownTasksAndBadWeightsAreRefused() throws {
    var options = FixedWeighting.Options()
    options.weights = ["detecton": 2]
    let weighting = try FixedWeighting(options)
    let error = #expect(throws: SettingsError.self) { try weighting.begin(Self.tasks) }
    #expect(error?.suggestion == "detection")
    for bad in [-1, Double.nan, .infinity] {
      options.weights = ["detection": bad]
      #expect(throws: SettingsError.self) { try FixedWeighting(options) }
    }
  }
}
