import AthanorVision

/// How far from the camera everything in a scene lies, and which way it faces.
///
/// The background is a plane that comes towards the viewer: its depth falls from 10 at the upper
/// edge of the picture to 7 at the lower one. An object is a piece of a sphere, cut out by its
/// outline. All spheres have one size, so that a small object is a distant one; where that would
/// put an object behind something it covers, it is a smaller sphere in front of it.
///
/// Formula: with the focal length f, the picture's shorter side, a plane has 1/depth linear in y; a
/// sphere of radius R at depth D has the radius f·R/D in the picture.
///
/// Units: depths are about 1…10 times the unit of length; normals point to the viewer: x to the
/// right, y up, z out of the picture.
struct SceneRelief {
  private let width: Int
  private let height: Int
  /// Pixels.
  private let focalLength: Float
  private var depths: [Float]
  private var vectors: [Float]

  private static let (far, near): (Float, Float) = (10, 7)
  /// The radius of the spheres: the smallest objects, of 6/128 of the side, lie where the plane is
  /// nearest.
  private static let radius: Float = 7 * 6 / 128

  /// The plane alone.
  init(width: Int, height: Int) {
    (self.width, self.height, focalLength) = (width, height, Float(min(width, height)))
    let (top, bottom) = (1 / Self.far, 1 / Self.near)
    let slope = (bottom - top) / Float(height)
    let tilt = focalLength * slope / ((top + bottom) / 2)
    let length = (1 + tilt * tilt).squareRoot()
    depths = []
    depths.reserveCapacity(width * height)
    for y in 0..<height {
      depths += repeatElement(1 / (top + slope * (Float(y) + 0.5)), count: width)
    }
    vectors = [Float](repeating: 0, count: 3 * width * height)
    for start in stride(from: 0, to: vectors.count, by: 3) {
      (vectors[start + 1], vectors[start + 2]) = (tilt / length, 1 / length)
    }
  }

  /// Places an object in front of all that it covers.
  mutating func add(_ object: SceneObject, covering pixels: [Int]) {
    let share = object.radius / focalLength
    let nearest = pixels.reduce(Float.infinity) { min($0, depths[$1]) }
    let distance = max(0.01, min(Self.radius / share, 0.98 * nearest))
    for p in pixels {
      let point = SIMD2(Float(p % width) + 0.5, Float(p / width) + 0.5)
      let offset = (point - object.center) / object.radius
      let bulge = max(0, 1 - (offset * offset).sum()).squareRoot()
      depths[p] = distance * (1 - share * bulge)
      (vectors[3 * p], vectors[3 * p + 1], vectors[3 * p + 2]) = (offset.x, -offset.y, bulge)
    }
  }

  var depth: DenseMap { DenseMap(width: width, height: height, channels: 1, values: depths) }

  var normals: DenseMap { DenseMap(width: width, height: height, channels: 3, values: vectors) }
}
