/// Truths or detections of all images in one array, image by image.
struct COCOObjects<Item: Sendable>: Sendable {
  private(set) var items: [Item] = []
  /// The items of image i are `items[starts[i]..<starts[i + 1]]`.
  private(set) var starts = [0]

  init() {}

  /// Items in any order, sorted by image (stable). An item that `convert` returns nil for is left
  /// out.
  init<Source>(
    _ sources: [Source], images: Int, image: (Source) -> Int, convert: (Source) -> Item?
  ) {
    starts = [Int](repeating: 0, count: images + 1)
    var imageIndices = [Int32](repeating: -1, count: sources.count)
    let converted = sources.enumerated().compactMap { index, source -> Item? in
      guard let item = convert(source) else { return nil }
      imageIndices[index] = Int32(image(source))
      return item
    }
    for image in imageIndices where image >= 0 { starts[Int(image) + 1] += 1 }
    for i in 0..<images { starts[i + 1] += starts[i] }
    var next = starts
    var order = [Int](repeating: 0, count: converted.count)
    var index = 0
    for image in imageIndices where image >= 0 {
      order[next[Int(image)]] = index
      next[Int(image)] += 1
      index += 1
    }
    items = order.map { converted[$0] }
  }

  var images: Int { starts.count - 1 }

  var byImage: [[Item]] { (0..<images).map { Array(items[starts[$0]..<starts[$0 + 1]]) } }

  mutating func reserve(_ count: Int) { items.reserveCapacity(count) }

  mutating func append(_ item: Item) { items.append(item) }

  mutating func endImage() { starts.append(items.count) }
}
