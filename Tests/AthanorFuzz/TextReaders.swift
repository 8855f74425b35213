@testable import AthanorCLI
@testable import AthanorCore
@testable import AthanorData
@testable import AthanorExperiment
import Foundation

/// JSON, XML, YAML and the texts that have a grammar of their own.
extension Reader {
  static let json = Reader(
    name: "json",
    seeds: {
      texts("{\"a\": [1, -2.5e300, true, null, \"\\u00e9\\ud83d\\ude00\"], \"b\": {}}", "[]")
    }
  ) { bytes in
    each([
      {
        let value = try JSON(parsing: bytes, file: "fuzz")
        // What is written reads back.
        guard try JSON(parsing: value.compact).compact == value.compact else {
          preconditionFailure("JSON: \(value.compact) reads back otherwise")
        }
      }, { _ = try COCOResults(JSONText(bytes, file: "fuzz")) },
    ])
  }

  static let coco = Reader(
    name: "coco",
    seeds: {
      texts(
        """
        {"images": [{"id": 1, "file_name": "a.png", "width": 4, "height": 4}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": 4,
        "bbox": [0, 0, 2, 2], "segmentation": [[0, 0, 2, 0, 2, 2]]},
        {"id": 2, "image_id": 1, "category_id": 1, "iscrowd": 1, "bbox": [0, 0, 4, 4],
        "segmentation": {"size": [4, 4], "counts": [3, 5, 8]}}],
        "categories": [{"id": 1, "name": "cat"}]}
        """)
    }
  ) { bytes in
    let file = try COCOFile(JSONText(bytes, file: "fuzz"))
    _ = "\(file)".count
  }

  static let xml = Reader.file(
    "xml", as: "fuzz.xml",
    seeds: {
      texts(
        """
        <?xml version="1.0"?><annotation><filename>a.png</filename><size><width>4</width>
        <height>4</height></size><object><name>a&lt;&#x41;</name><bndbox><xmin>1</xmin>
        <ymin>1</ymin><xmax>2</xmax><ymax>3</ymax></bndbox><!-- c --><polygon><pt><x>1</x><y>2</y>
        </pt></polygon></object><image id="0" name="a"/></annotation>
        """)
    }
  ) { path in
    each([
      { _ = try XMLElement(contentsOf: path) }, { _ = try VOCAnnotation(contentsOf: path) },
      { _ = try LabelmeXMLFile(contentsOf: path) },
      { for image in try XMLElement(contentsOf: path).children { _ = try CVATImage(image, path) } },
    ])
  }

  static let yaml = Reader(
    name: "yaml",
    seeds: {
      try texts(
        ExperimentConfig.builtIn.yaml(), ExperimentConfig.builtIn.resolved().yaml(),
        "data: {name: mix, sources: [{name: voc, path: a}]}\nweighting: [1, .inf, 0x1F, 1e308]\n")
    }
  ) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    each([
      {
        let tree = try YAMLDocument(parsing: text, file: "fuzz").settings
        guard "\(try YAMLDocument(parsing: tree.yaml, file: "again").settings)" == "\(tree)" else {
          preconditionFailure("YAML: \(tree) reads back otherwise")
        }
      },
      { _ = try YAMLDocument(parsing: text, file: "fuzz", scalars: .text) },
      { _ = try ExperimentConfig(yaml: text, name: "fuzz").resolved() },
      { _ = try Override(text) },
    ])
  }

  static let spec = Reader(
    name: "spec", seeds: { texts(AblationSpec.builtIn, "seeds: [1, 2]\ngrid: {seed: [1]}\n") }
  ) { _ = try AblationPlan(String(decoding: $0, as: UTF8.self), file: "fuzz") }

  static let notebook = Reader(
    name: "notebook",
    seeds: {
      texts(
        "# T\n\n<!-- quick: a -->\n```console\n$ echo 1.5\n1.5\n```\n\n![f](a.png)\n",
        "```console volatile\n$ ls \\\n  x\n```\n")
    }
  ) { _ = try Notebook(path: "fuzz", text: String(decoding: $0, as: UTF8.self)) }

  static let text = Reader.file(
    "text", as: "labelmap.txt",
    seeds: {
      texts(
        "# label:color_rgb:parts:actions\nbackground:0,0,0::\ncar:1,2,3::\n",
        "filename,width,class\n\"a\"\"b\",12,car\n", "0 0.5 0.5 0.1 0.1\n1 0 0 1 0 1 1\n",
        "name r g b\nsky 70 130 180\n", "0: road\n1: 'car'\n")
    }
  ) { path in
    each([
      { _ = try LabelMap(contentsOf: path) }, { _ = try CSVTable(contentsOf: path) },
      { _ = try ColorRows(contentsOf: path) }, { _ = try TextFile.lines(of: path) },
      { _ = try Table(contentsOf: path) }, { _ = try StepLog.read(path) },
      { _ = try ADE20KObjects(contentsOf: path) },
    ])
  }

  private static func texts(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }
}
