extension COCOFile {
  /// One object of an image, in 64 bytes.
  public struct Annotation: Sendable {
    /// The corner of its box with the smallest coordinates, and the size; continuous pixels.
    public internal(set) var x = 0.0
    public internal(set) var y = 0.0
    public internal(set) var width = 0.0
    public internal(set) var height = 0.0
    /// Square pixels: of the outline in most files.
    public internal(set) var area = 0.0
    /// The id if it is a number, an index of `textIDs` if it is text.
    var number = 0
    private var imageIndex: Int32 = -1
    private var categoryIndex: Int32 = -1
    /// 1 + the offset of the outline in the file, above the flags.
    private var bits: UInt64 = 0

    /// An index of `images`, −1 where the file does not list the annotation's image.
    public internal(set) var image: Int {
      get { Int(imageIndex) }
      set { imageIndex = Int32(newValue) }
    }

    /// An index of `categories`, −1 where the file does not list the annotation's category.
    public internal(set) var category: Int {
      get { Int(categoryIndex) }
      set { categoryIndex = Int32(newValue) }
    }

    /// A region of many objects.
    public internal(set) var isCrowd: Bool {
      get { bits & 1 != 0 }
      set { set(1, newValue) }
    }

    /// Whether its box is known: only segments of panoptic files may have none.
    public internal(set) var hasBox: Bool {
      get { bits & 16 != 0 }
      set { set(16, newValue) }
    }

    var hasID: Bool {
      get { bits & 4 != 0 }
      set { set(4, newValue) }
    }

    var hasTextID: Bool {
      get { bits & 8 != 0 }
      set { set(8, newValue) }
    }

    /// The offset of the outline in the file; `nil` without one.
    public internal(set) var segmentationOffset: Int? {
      get { bits >> 8 == 0 ? nil : Int(bits >> 8) - 1 }
      set { bits = bits & 0xFF | UInt64((newValue ?? -1) + 1) << 8 }
    }

    private mutating func set(_ flag: UInt64, _ value: Bool) {
      bits = value ? bits | flag : bits & ~flag
    }
  }
}
