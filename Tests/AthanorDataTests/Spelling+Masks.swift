import AthanorCore
import AthanorData
import AthanorVision

/// Masks in files, and the layouts of published data sets.
extension Spelling {
  static let masks: [Spelling] = [
    .init("colours of class_dict.csv, a folder a split", "folder", ground: "ground", boxes: false) {
      folder, scene in
      try folder.write(scene.image, to: "\(scene.split)/\(scene.letter).png")
      try folder.write(
        scene.colors(ground: [5, 5, 5], person: [200, 0, 0], car: [0, 0, 200]),
        to: "\(scene.split)_labels/\(scene.letter)_L.png")
    } then: {
      try $0.write(
        "name,r,g,b\nground,5,5,5\nperson,200,0,0\ncar,0,0,200\n", to: "class_dict.csv")
    },
    .init("masks named by id2label.json", "folder", ground: "background", boxes: false) {
      folder, scene in
      try folder.write(scene.image, to: "img_dir/\(scene.split)/\(scene.letter).png")
      try folder.write(
        scene.mask(person: 1, car: 2), to: "ann_dir/\(scene.split)/\(scene.letter).png")
    } then: {
      try $0.write(
        "{\"0\": \"background\", \"1\": \"person\", \"2\": \"car\"}", to: "id2label.json")
    },
    .init("RGB masks of equal channels, lists", "folder", ground: "background", boxes: false) {
      folder, scene in
      try folder.write(scene.image, to: "images/\(scene.letter).png")
      try folder.write(
        scene.colors(ground: [0, 0, 0], person: [1, 1, 1], car: [2, 2, 2]).pngData(),
        to: "masks/\(scene.letter).PNG")
    } then: { folder in
      try folder.write("background\nperson\ncar\n", to: "class_names.txt")
      try list(folder, "") { "\($0.letter).png" }
    },
    .init("pairs in lists", "camvid", ground: "background", boxes: false) { folder, scene in
      try folder.write(scene.image, to: "im ages/\(scene.letter).png")
      try folder.write(scene.mask(person: 1, car: 2), to: "annot/\(scene.letter).png")
    } then: { folder in
      try folder.write("background\nperson\ncar\n", to: "class_names.txt")
      try list(folder, "") {
        "/data/set/im ages/\($0.letter).png /data/set/annot/\($0.letter).png"
      }
    },
  ]

  static let published: [Spelling] = [
    .init("labelIds and instanceIds", "cityscapes", ground: "road") { folder, scene in
      let name = "\(scene.split)/bonn/\(scene.letter)_000000_000001"
      try folder.write(scene.image, to: "leftImg8bit/\(name)_leftImg8bit.png")
      try folder.write(
        scene.mask(ground: 7, person: 24, car: 26), to: "gtFine/\(name)_gtFine_labelIds.png")
      try folder.write(
        try Image16(
          width: Scene.width, height: Scene.height, channels: 1,
          pixels: scene.values(ground: 7) { $0 == "car" ? 26000 : 24000 }
        ).pngData(), to: "gtFine/\(name)_gtFine_instanceIds.png")
    },
    .init("polygons", "cityscapes", ground: "road") { folder, scene in
      let name = "\(scene.split)/bonn/\(scene.letter)_000000_000001"
      try folder.write(scene.image, to: "leftImg8bit/\(name)_leftImg8bit.png")
      let whole = [("road", [0, 0, Scene.width, Scene.height])]
      let objects = (whole + scene.objects.map { ($0.name, $0.box) }).map { label, box in
        let points = stride(from: 0, to: 8, by: 2).map {
          "[\(polygon(box)[$0]), \(polygon(box)[$0 + 1])]"
        }
        return "{\"label\": \"\(label)\", \"polygon\": [\(points.joined(separator: ","))]}"
      }
      try folder.write(
        "{\"imgWidth\": 12, \"imgHeight\": 8, \"objects\": [\(objects.joined(separator: ","))]}",
        to: "gtFine/\(name)_gtFine_polygons.json")
    },
    .init("colours", "cityscapes", ground: "road", boxes: false) { folder, scene in
      let name = "\(scene.split)/bonn/\(scene.letter)_000000_000001"
      try folder.write(scene.image, to: "leftImg8bit/\(name)_leftImg8bit.png")
      try folder.write(
        scene.colors(ground: [128, 64, 128], person: [220, 20, 60], car: [0, 0, 142]),
        to: "gtFine/\(name)_gtFine_color.png")
    },
    .init("masks and boxes as text", "kitti", ground: "road") { folder, scene in
      try folder.write(scene.image, to: "training/image_2/\(scene.letter).png")
      try folder.write(
        scene.mask(ground: 7, person: 24, car: 26), to: "training/semantic/\(scene.letter).png")
      try folder.write(
        scene.text { name, box in
          "\(name) 0.00 0 -1.57 \(box.map { "\($0).00" }.joined(separator: " ")) 1 1 1 1 1 1 0"
        }, to: "training/label_2/\(scene.letter).txt")
    } then: { folder in
      try folder.write("7 road\n24 person\n26 car\n", to: "class_names.txt")
      try list(folder, "ImageSets/") { $0.letter }
    },
    .init("the release of 2017", "ade20k", ground: "?") { folder, scene in
      let stem = "images/\(scene.split == .train ? "training" : "validation")/x/\(scene.letter)"
      try folder.write(scene.image, to: "\(stem).png")
      try folder.write(objects(scene), to: "\(stem)_seg.png")
      let lines = scene.objects.enumerated().map {
        "\($0 + 1) # 0 # 0 # \($1.name) # \($1.name) # \"\""
      }
      try folder.write(lines.joined(separator: "\n"), to: "\(stem)_atr.txt")
    },
    .init("the release of 2021", "ade20k", ground: "?") { folder, scene in
      let stem = "images/\(scene.split == .train ? "training" : "validation")/x/\(scene.letter)"
      try folder.write(scene.image, to: "\(stem).png")
      try folder.write(objects(scene), to: "\(stem)_seg.png")
      let list = scene.objects.map {
        "{\"name\": \"\($0.name)\", \"name_ndx\": \($0.name == "car" ? 2 : 1), "
          + "\"parts\": {\"part_level\": 0}}"
      }
      try folder.write(
        "{\"annotation\": {\"object\": [\(list.joined(separator: ","))]}}", to: "\(stem).json")
    },
    .init("segmentation of the benchmark", "ade20k", ground: "wall", boxes: false) {
      folder, scene in
      let part = scene.split == .train ? "training" : "validation"
      try folder.write(scene.image, to: "images/\(part)/\(scene.letter).png")
      try folder.write(
        scene.mask(ground: 1, person: 13, car: 21), to: "annotations/\(part)/\(scene.letter).png")
    } then: { folder in
      let rows = (1...21).map { number in
        let name = [1: "wall", 13: "person", 21: "car"][number] ?? "class \(number)"
        return "\(number)\t0.1\t1\t1\t0\t\(name)"
      }
      try folder.write(
        "Idx\tRatio\tTrain\tVal\tStuff\tName\n" + rows.joined(separator: "\n"),
        to: "objectInfo150.txt")
    },
    .init("detections and semantic masks", "bdd100k", ground: "road") { folder, scene in
      try folder.write(scene.image, to: "images/10k/\(scene.split)/\(scene.letter).png")
      try folder.write(
        scene.mask(person: 11, car: 13),
        to: "labels/sem_seg/masks/\(scene.split)/\(scene.letter).png")
    } then: { folder in
      for split in [Split.train, .val] {
        let scenes = Scene.all.filter { $0.split == split }.map { scene in
          "{\"name\": \"\(scene.letter).png\", \"labels\": ["
            + scene.text(",") {
              "{\"category\": \"\($0)\", \"box2d\": {\"x1\": \($1[0]), \"y1\": \($1[1]), "
                + "\"x2\": \($1[2]), \"y2\": \($1[3])}}"
            } + "]}"
        }
        try folder.write(
          "[\(scenes.joined(separator: ","))]", to: "labels/det_20/det_\(split).json")
      }
    },
  ]
}
