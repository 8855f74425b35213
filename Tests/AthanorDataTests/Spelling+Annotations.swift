import AthanorCore
import AthanorData
import AthanorVision

/// The layouts of annotation tools and of their exports.
extension Spelling {
  static let voc: [Spelling] = [
    .init("palette masks, class_names.txt, lists", "voc", ground: "_background_") { folder, scene in
      try folder.write(scene.image, to: "JPEGImages/\(scene.letter).png")
      try folder.write(
        scene.mask(person: 2, car: 1), to: "SegmentationClass/\(scene.letter).png",
        palette: Colors.voc)
      try folder.write(xml(scene), to: "Annotations/\(scene.letter).xml")
    } then: { folder in
      try folder.write("_background_\ncar\nperson\n", to: "class_names.txt")
      try list(folder, "ImageSets/Main/") { $0.letter }
    },
    .init("coloured masks, labelmap.txt in another order", "voc", ground: "background") {
      folder, scene in
      try folder.write(scene.image, to: "JPEGImages/\(scene.letter).png")
      try folder.write(
        scene.colors(ground: [0, 0, 0], person: [9, 8, 7], car: [1, 2, 3]),
        to: "SegmentationClass/\(scene.letter).png")
      try folder.write(xml(scene), to: "Annotations/\(scene.letter).xml")
    } then: { folder in
      try folder.write("car:1,2,3::\nbackground:0,0,0::\nperson:9,8,7::\n", to: "labelmap.txt")
      try list(folder, "ImageSets/Segmentation/") { "\($0.letter).png" }
    },
    .init("the standard's own indices", "voc", ground: "background", divided: false) {
      folder, scene in
      try folder.write(scene.image, to: "VOC2012/JPEGImages/\(scene.letter).png")
      try folder.write(
        scene.mask(person: 15, car: 7), to: "VOC2012/SegmentationClass/\(scene.letter).png")
      try folder.write(xml(scene), to: "VOC2012/Annotations/\(scene.letter).xml")
    },
    .init("a folder a split, XML beside the images", "voc") { folder, scene in
      let part = scene.split == .train ? "train" : "valid"
      try folder.write(scene.image, to: "\(part)/\(scene.letter).png")
      try folder.write(xml(scene), to: "\(part)/\(scene.letter).xml")
    },
    .init("images/ and annotations/", "voc", divided: false) { folder, scene in
      try folder.write(scene.image.pngData(), to: "images/\(scene.letter).PNG")
      try folder.write(xml(scene), to: "annotations/\(scene.letter).XML")
    },
    .init("all in one folder", "voc", divided: false) { folder, scene in
      try folder.write(scene.image, to: "\(scene.letter).png")
      try folder.write(xml(scene), to: "\(scene.letter).xml")
    },
  ]

  static let coco: [Spelling] = [
    .init("a file a split, categories in another order", "coco", ground: "background") {
      folder, scene in
      try folder.write(scene.image, to: "\(scene.split)2017/\(scene.letter).png")
    } then: { folder in
      for split in [Split.train, .val] {
        try folder.write(
          instances(
            Scene.all.filter { $0.split == split },
            ids: split == .train ? ["person": 1, "car": 2] : ["car": 1, "person": 7]
          ) { "\($0.letter).png" }, to: "annotations/instances_\(split)2017.json")
      }
    },
    .init("a folder a split with its JSON", "coco", ground: "background") { folder, scene in
      let part = scene.split == .train ? "train" : "valid"
      try folder.write(scene.image, to: "\(part)/\(scene.letter).png")
    } then: { folder in
      for (split, part) in [(Split.train, "train"), (.val, "valid")] {
        try folder.write(
          instances(Scene.all.filter { $0.split == split }) { "\($0.letter).png" },
          to: "\(part)/_annotations.coco.json")
      }
    },
    .init("one file for all", "coco", ground: "background", divided: false) { folder, scene in
      try folder.write(scene.image, to: "images/default/\(scene.letter).png")
    } then: { folder in
      try folder.write(
        instances(Scene.all) { "default\\\\\($0.letter).png" },
        to: "annotations/instances_default.json")
    },
    .init("segments by number", "coco_panoptic", ground: "?") { folder, scene in
      try folder.write(scene.image, to: "\(scene.split)/\(scene.letter).png")
      try folder.write(
        scene.colors(ground: [0, 0, 0], person: [1, 0, 0], car: [0, 1, 0]),
        to: "annotations/panoptic_\(scene.split)/\(scene.letter).png")
    } then: { folder in
      for split in [Split.train, .val] {
        let scenes = Scene.all.filter { $0.split == split }
        let images = scenes.map {
          "{\"id\": \"\($0.letter)\", \"file_name\": \"\($0.letter).png\"}"
        }
        let annotations = scenes.map { scene in
          "{\"image_id\": \"\(scene.letter)\", \"file_name\": \"\(scene.letter).png\", "
            + "\"segments_info\": ["
            + scene.text(",") { name, box in
              "{\"id\": \(name == "car" ? 256 : 1), \"category_id\": \(name == "car" ? 3 : 1)}"
            } + "]}"
        }
        try folder.write(
          """
          {"images": [\(images.joined(separator: ","))],
           "annotations": [\(annotations.joined(separator: ","))],
           "categories": [{"id": 1, "name": "person"}, {"id": 3, "name": "car"}]}
          """, to: "annotations/panoptic_\(split).json")
      }
    },
  ]

  static let yolo: [Spelling] = [
    .init("polygons, images/ and labels/", "yolo", ground: "background") { folder, scene in
      try folder.write(scene.image, to: "images/\(scene.split)2017/\(scene.letter).png")
      try folder.write(
        shares(scene, polygons: true), to: "labels/\(scene.split)2017/\(scene.letter).txt")
    } then: {
      try $0.write("names: {0: person, 1: car} # two\r\n", to: "data.yaml")
    },
    .init("boxes, a folder a split, data.yaml", "yolo") { folder, scene in
      let part = scene.split == .train ? "train" : "valid"
      try folder.write(scene.image, to: "\(part)/images/\(scene.letter).png")
      try folder.write(shares(scene, polygons: false), to: "\(part)/labels/\(scene.letter).TXT")
    } then: {
      try $0.write(
        "train: ../train/images\nval: ../valid/images\nnc: 2\nnames: ['person',\n  'car']\n",
        to: "data.yaml")
    },
    .init("Darknet's lists", "yolo") { folder, scene in
      try folder.write(scene.image, to: "obj_train_data/\(scene.letter).png")
      try folder.write(shares(scene, polygons: false), to: "obj_train_data/\(scene.letter).txt")
    } then: { folder in
      try folder.write("person\ncar\n", to: "obj.names")
      try folder.write(
        "classes = 2\ntrain = data/train.txt\nvalid = data/val.txt\n", to: "obj.data")
      try list(folder, "") { "data/obj_train_data/\($0.letter).png" }
    },
  ]

  static let labelme: [Spelling] = [
    .init("beside the images, in subfolders", "labelme", ground: "background", divided: false) {
      folder, scene in
      try folder.write(scene.image, to: "cam \(scene.letter)/\(scene.letter).png")
      try folder.write(
        shapes(scene, image: "C:\\\\shots\\\\\(scene.letter).png"),
        to: "cam \(scene.letter)/\(scene.letter).json")
    },
    .init("in a folder of its own, lists", "labelme", ground: "background") { folder, scene in
      try folder.write(scene.image, to: "photos/\(scene.letter).png")
      try folder.write(
        shapes(scene, image: "../photos/\(scene.letter).png"), to: "jsons/\(scene.letter).json")
    } then: {
      try list($0, "") { $0.letter }
    },
    .init("NAME_json/", "labelme_folders", ground: "_background_", boxes: false, divided: false) {
      folder, scene in
      try folder.write(scene.image, to: "\(scene.letter)_json/img.png")
      // The names, and so the values, of each image are its own.
      let names = Array(Set(scene.objects.map(\.name))).sorted()
      let value = { (name: String) in UInt8((names.firstIndex(of: name) ?? 7) + 1) }
      try folder.write(
        scene.mask(person: value("person"), car: value("car")),
        to: "\(scene.letter)_json/label.png", palette: Colors.voc)
      try folder.write(
        (["_background_"] + names).joined(separator: "\n"),
        to: "\(scene.letter)_json/label_names.txt")
    },
    .init("MIT's XML", "labelme_xml", ground: "background", divided: false) { folder, scene in
      try folder.write(scene.image, to: "Images/one/\(scene.letter).png")
      try folder.write(
        """
        <annotation><filename>\(scene.letter).png</filename><folder>one</folder>
        <imagesize><nrows>8</nrows><ncols>12</ncols></imagesize>\(scene.text { name, box in
          "<object><name>\(name)</name><deleted>0</deleted><polygon>"
            + stride(from: 0, to: 8, by: 2).map {
              "<pt><x>\(polygon(box)[$0])</x><y>\(polygon(box)[$0 + 1])</y></pt>"
            }.joined() + "</polygon></object>"
        })</annotation>
        """, to: "Annotations/one/\(scene.letter).xml")
    },
    .init("CVAT's XML", "cvat_xml", ground: "background") { folder, scene in
      try folder.write(scene.image, to: "images/\(scene.letter).png")
    } then: { folder in
      let images = Scene.all.enumerated().map { number, scene in
        "<image id=\"\(number)\" name=\"\(scene.letter).png\" width=\"12\" height=\"8\" "
          + "subset=\"\(scene.split == .val ? "Validation" : "Train")\">"
          + scene.text { name, box in
            let points = stride(from: 0, to: 8, by: 2).map {
              "\(polygon(box)[$0]),\(polygon(box)[$0 + 1])"
            }
            return "<polygon label=\"\(name)\" points=\"\(points.joined(separator: ";"))\"/>"
          } + "</image>"
      }
      try folder.write(
        """
        <?xml version="1.0"?><annotations><version>1.1</version><meta><task><labels>
        <label><name>person</name></label><label><name>car</name></label></labels></task></meta>
        \(images.joined())</annotations>
        """, to: "annotations.xml")
    },
  ]

  static let tables: [Spelling] = [
    .init("a folder a split", "csv_boxes") { folder, scene in
      let part = scene.split == .train ? "train" : "valid"
      try folder.write(scene.image, to: "\(part)/\(scene.letter).png")
    } then: { folder in
      for (split, part) in [(Split.train, "train"), (.val, "valid")] {
        let rows = Scene.all.filter { $0.split == split }.map { scene in
          scene.text {
            "\(scene.letter).png,12,8,\($0),\($1.map(String.init).joined(separator: ","))"
          }
        }
        try folder.write(
          "filename,width,height,class,xmin,ymin,xmax,ymax\n" + rows.joined(separator: "\n"),
          to: "\(part)/_annotations.csv")
      }
    },
    .init("arrays", "multi_task_npy", ground: "road", boxes: false) { folder, scene in
      let place = { (part: String) in
        "\(folder.path)/\(scene.split)/\(part)/\(scene.letter).npy"
      }
      for part in ["image", "label_19", "depth"] {
        try folder.write("", to: "\(scene.split)/\(part)/.keep")
      }
      try NumPyFile.write(
        NumericArray(
          scene.image.pixels.map { Float($0) / 255 }, shape: [Scene.height, Scene.width, 3]),
        to: place("image"))
      try NumPyFile.write(
        NumericArray(
          scene.values(ground: Float(0)) { $0 == "car" ? 13 : 11 },
          shape: [Scene.height, Scene.width]), to: place("label_19"))
      try NumPyFile.write(
        NumericArray(
          [Float](repeating: 0.5, count: 96), shape: [Scene.height, Scene.width, 1]),
        to: place("depth"))
    },
  ]
}
