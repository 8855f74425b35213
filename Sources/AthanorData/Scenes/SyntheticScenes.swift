import AthanorCore
import AthanorVision

/// Textured scenes of shapes with every kind of label, exact and made from a seed: masks, boxes,
/// depth, normals, and as the scene's class the shape that covers the most pixels.
///
/// Shapes lie over each other (boxes bound what is visible; none is mostly hidden), are filled with
/// random textures whose hue leans towards a class without giving it away, and the picture is
/// blurred and noisy. One class is rare and some objects are small, so the imbalance is real. Depth
/// can be seen from heights, sizes and what lies over what: see `SceneRelief`.
/// Scene (split, index) is a function of the options and the seed alone.
public struct SyntheticScenes: Sendable {
  public struct Options: Codable, Sendable, DefaultInitializable {
    /// Pixels.
    public var width = 128
    public var height = 128
    /// Scenes per split.
    public var train = 2400
    public var val = 200
    public var test = 200
    /// The labels that samples have, of those in `SyntheticScenes.classes`.
    public var labels = ["mask", "boxes"]
    public var seed = 0
    public var minObjects = 2
    public var maxObjects = 6
    /// The radii of the circles around objects that are not small, in 128ths of the shorter side.
    public var radius = [12.0, 30.0]
    /// The largest rotation of an object either way from its upright position, degrees.
    public var rotation = 30.0
    /// The share of the last class, `ring`, among objects.
    public var rare = 0.03
    /// The share of small objects.
    public var small = 0.15
    /// How often an object's hue is near that of its class; otherwise any hue is as likely. The
    /// rare class is hinted at a little more often, so that few examples can be enough.
    public var hint = 0.85
    /// The largest standard deviation of the noise, of 255.
    public var noise = 8.0

    public init() {}

    private enum CodingKeys: String, CodingKey {
      case width, height, train, val, test, labels, seed
      case minObjects = "min_objects"
      case maxObjects = "max_objects"
      case radius, rotation, rare, small, hint, noise
    }

    public func count(_ split: Split) -> Int {
      switch split {
      case .train: train
      case .val: val
      case .test: test
      }
    }
  }

  /// Names by mask index; box labels and the scene's class are one less.
  public static let classes = {
    let shapes = SceneShape.allCases.map { "\($0)" }
    var classes = DataClasses(
      masks: ["background"] + shapes, boxes: shapes, numbers: [.depth, .normals])
    classes[.category] = LabelClasses(.category, shapes)
    return classes
  }()

  public let options: Options

  /// Throws `SettingsError` for options that allow no scene.
  public init(_ options: Options) throws {
    func check(_ holds: Bool, _ key: String, _ expected: String, _ received: some Any) throws {
      guard holds else {
        throw SettingsError(key: key, expected: expected, received: "\(received)")
      }
    }
    try check((32...8192).contains(options.width), "width", "32…8192", options.width)
    try check((32...8192).contains(options.height), "height", "32…8192", options.height)
    for (key, count) in [("train", options.train), ("val", options.val), ("test", options.test)] {
      try requireRange(0...largestCount, count, key)
    }
    try check((0...200).contains(options.minObjects), "min_objects", "0…200", options.minObjects)
    try check(
      (options.minObjects...200).contains(options.maxObjects), "max_objects",
      "\(options.minObjects)…200", options.maxObjects)
    try check(
      options.radius.count == 2 && options.radius[0] >= 6 && options.radius[0] <= options.radius[1]
        && options.radius[1] <= 64, "radius", "two rising numbers in 6…64", options.radius)
    try check(
      (0...180).contains(options.rotation), "rotation", "0…180 degrees", options.rotation)
    try check((0...1).contains(options.rare), "rare", "a share in 0…1", options.rare)
    try check((0...1).contains(options.small), "small", "a share in 0…1", options.small)
    try check((0...1).contains(options.hint), "hint", "a share in 0…1", options.hint)
    try check((0...128).contains(options.noise), "noise", "0…128", options.noise)
    let known = Self.classes.labels.keys.sorted()
    for (index, label) in options.labels.enumerated() where !known.contains(label) {
      throw SettingsError(
        key: "labels[\(index)]",
        expected: "a label of the scenes (\(known.joined(separator: ", ")))",
        received: "'\(label)'", suggestion: nearestName(to: label, among: known))
    }
    self.options = options
  }

  /// The scene's name in files: `train_00012`.
  public func name(_ split: Split, _ index: Int) -> String {
    let digits = String(index)
    return "\(split)_" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }

  /// A scene with all its labels, whichever the option `labels` names.
  public func scene(_ split: Split, _ index: Int) -> Sample {
    let part = Split.allCases.firstIndex(of: split)!
    var generator = Generator(options.seed, part, index)
    var canvas = SceneCanvas(width: options.width, height: options.height)
    canvas.paintBackground(&generator)
    let count = generator.integer(in: options.minObjects..<(options.maxObjects + 1))
    for _ in 0..<count { place(on: &canvas, &generator) }
    let image = canvas.developed(noise: options.noise, &generator)
    return Sample(
      name: name(split, index), image: image, mask: canvas.mask, boxes: canvas.visibleBoxes,
      depth: canvas.relief.depth, normals: canvas.relief.normals,
      category: canvas.mainShape?.rawValue)
  }

  /// Draws one object where it hides none of the earlier ones mostly.
  private func place(on canvas: inout SceneCanvas, _ generator: inout Generator) {
    let unit = Double(min(options.width, options.height)) / 128
    let common = SceneShape.allCases.count - 1
    let isRare = generator.chance(options.rare)
    let shape = SceneShape.allCases[isRare ? common : generator.integer(in: 0..<common)]
    let isSmall = generator.chance(options.small)
    let radius =
      unit
      * (isSmall
        ? generator.uniform(6, 9) : generator.uniform(options.radius[0], options.radius[1]))
    let turn = options.rotation * .pi / 180
    let angle = generator.uniform(-turn, turn)
    let fill = fill(of: shape, isRare: isRare, period: radius, &generator)
    for _ in 0..<30 {
      let x = generator.uniform(0.7 * radius, Double(options.width) - 0.7 * radius)
      let y = generator.uniform(0.7 * radius, Double(options.height) - 0.7 * radius)
      let object = SceneObject(
        shape: shape, center: SIMD2(Float(x), Float(y)), radius: Float(radius),
        angle: Float(angle), texture: fill)
      if canvas.add(object) { return }
    }
  }

  private func fill(
    of shape: SceneShape, isRare: Bool, period: Double, _ generator: inout Generator
  ) -> SceneTexture {
    // The hues of the six classes are evenly spaced.
    let own = Double(shape.rawValue) / Double(SceneShape.allCases.count)
    let leans = generator.chance(isRare ? (1 + 2 * options.hint) / 3 : options.hint)
    let hue = leans ? own + generator.uniform(-0.07, 0.07) : generator.uniform()
    let saturation = generator.uniform(0.55, 1)
    let value = generator.uniform(0.6, 1)
    let contrast = generator.uniform(0.1, 0.4)
    return SceneTexture(
      from: color(hue: hue, saturation: saturation, value: value * (1 - contrast)),
      to: color(
        hue: hue + generator.uniform(-0.04, 0.04), saturation: saturation * (1 - contrast / 2),
        value: value),
      period: max(2, 0.2 * period)...max(3, 0.6 * period), &generator)
  }
}
