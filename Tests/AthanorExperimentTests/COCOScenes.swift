import AthanorCore
import AthanorExperiment
import AthanorReport
import AthanorVision

/// A small COCO data set: squares of two classes on gray, with outlines, a crowd and an empty
/// image.
struct COCOScenes {
  let path: String
  /// Category ids by name.
  var ids = ["square": 9, "disc": 4]
  /// The number of images of each split.
  var splits = [("train", 4), ("val", 3)]

  init(_ path: String) { self.path = path }

  /// Image ids fall as names rise.
  func id(_ image: Int) -> Int { 50 - image }

  func write() throws {
    try makeFolder("\(path)/annotations")
    for (split, count) in splits {
      try makeFolder("\(path)/\(split)")
      var (images, annotations) = ([JSON](), [JSON]())
      for i in 0..<count {
        var image = Image(width: 64, height: 64, channels: 3, filledWith: 90)
        images.append([
          "id": .integer(id(i)), "file_name": .string("\(split)\(i).png"), "width": 64,
          "height": 64,
        ])
        for (k, name) in ["square", "disc"].enumerated() where i > 0 {
          let (x, y, side) = (4 + 30 * k, 6 + 5 * i, 16 + 2 * i)
          for row in y..<(y + side) {
            for column in x..<(x + side) {
              image.pixels[3 * (row * 64 + column) + k] = 250
            }
          }
          let (left, top, size) = (Double(x) + 0.25, Double(y), Double(side) - 0.25)
          annotations.append([
            "id": .integer(annotations.count + 1), "image_id": .integer(id(i)),
            "category_id": .integer(ids[name]!),
            "bbox": .array([left, top, size, size].map(JSON.number)),
            "area": .number(size * size * 0.9), "iscrowd": .integer(i == 2 && k == 1 ? 1 : 0),
            "segmentation": [
              .array(
                [left, top, left + size, top, left + size, top + size, left, top + size]
                  .map(JSON.number))
            ],
          ])
        }
        try image.write(to: "\(path)/\(split)/\(split)\(i).png")
      }
      let categories = ids.sorted { $0.value < $1.value }.map { name, id -> JSON in
        ["id": .integer(id), "name": .string(name)]
      }
      let file: JSON = [
        "images": .array(images), "annotations": .array(annotations),
        "categories": .array(categories),
      ]
      try AtomicFile.write(file.compact, to: "\(path)/annotations/instances_\(split).json")
    }
  }

  /// Trains the smallest network on the data set.
  func train(
    to run: String, _ overrides: [String] = [], epochs: Int = 1, resume: Bool = false,
    isStrict: Bool = false
  ) throws -> Training.Outcome {
    let all = [
      "data={name: coco, path: '\(path)'}", "network={width: 8, fpn_channels: 16}",
      "input={width: 64, height: 64}", "training.batch_size=2", "augmentations=[]", "threads=1",
      "training.epochs=\(epochs)",
    ]
    return try Training.run(
      config: nil,
      overrides: (resume ? ["training.epochs=\(epochs)"] : all + overrides).map {
        try Override($0)
      },
      out: run, resume: resume, isStrict: isStrict, shouldStop: { false })
  }
}
