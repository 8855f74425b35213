import AthanorCLI
import AthanorCore
import AthanorData
import AthanorExperiment
import AthanorReport
import AthanorVision
import Foundation
import TestSupport
import Testing

/// A VOC data set of boxes, with names that are difficult for an HTML page.
private struct HostileSet {
  let folder: TemporaryFolder

  /// A set with this many classes; the last images of train are damaged, the first is also in val.
  init(classes: Int, boxes: Bool = true, damaged: Int = 1) throws {
    folder = try TemporaryFolder()
    let cut = (0..<damaged).map { "cut\($0)" }
    for (split, names) in [("train", ["a", "<b>\"it's\"&"] + cut), ("val", ["again"])] {
      try FileManager.default.createDirectory(
        atPath: folder.file("set/\(split)"), withIntermediateDirectories: true)
      for (place, name) in names.enumerated() {
        var image = Image(width: 48, height: 32, channels: 3, filledWith: 90)
        image.pixels[0] = UInt8(place)
        let objects = (0..<(boxes ? classes : 0)).map { label in
          """
          <object><name>&lt;i&gt;\(label)&lt;/i&gt; "x"</name><bndbox><xmin>\(1 + label % 20)</xmin>
          <ymin>2</ymin><xmax>\(22 + label % 20)</xmax><ymax>30</ymax></bndbox></object>
          """
        }
        let path = folder.file("set/\(split)/\(name)")
        try image.write(to: "\(path).png")
        if name.hasPrefix("cut") {
          try AtomicFile.write(
            Array(try AtomicFile.read("\(path).png").prefix(60)), to: "\(path).png")
        }
        try AtomicFile.write(
          "<annotation>\(objects.joined())</annotation>", to: "\(path).xml")
      }
    }
  }

  var page: String { folder.file("page/index.html") }

  func inspect() throws -> String {
    let location = try DataLocation(folder.file("set"), layout: "voc")
    _ = try DataCommands.inspect(location, page: folder.file("page"))
    return try TextFile.read(page)
  }
}

@Suite struct DataPageTests {
  @Test func holdsEverySectionAndEscapesNames() throws {
    let set = try HostileSet(classes: 2)
    let html = try set.inspect()
    for id in ["summary", "classes", "boxes", "damaged", "duplicates", "samples", "origin"] {
      #expect(html.contains("<section id=\"\(id)\">"), "\(id)")
      #expect(html.contains("<a href=\"#\(id)\">"), "\(id)")
    }
    #expect(html.contains("the same image in train and val (a.png = again.png)"))
    #expect(html.contains("&lt;b&gt;&quot;it&#39;s&quot;&amp;"))
    #expect(html.contains("&lt;i&gt;0&lt;/i&gt; &quot;x&quot;"))
    #expect(!html.contains("<i>") && !html.contains("<b>\"it's"))
    #expect(html.contains("1 more cannot be read"))
    let files = try FileManager.default.contentsOfDirectory(atPath: set.folder.file("page"))
    #expect(files.contains("samples_train.png") && files.contains("samples_val.png"))
    #expect(!files.contains { $0.hasSuffix(".tmp") })
    // A second time into its own folder, but not into a folder with other files.
    _ = try set.inspect()
    try AtomicFile.write("mine", to: set.folder.file("set/thesis.txt"))
    let location = try DataLocation(set.folder.file("set"), layout: "voc")
    #expect(throws: (any Error).self) {
      try DataCommands.inspect(location, page: set.folder.file("set"))
    }
  }

  @Test(
    .enabled(if: Browser.path != nil, "chromium is not installed"),
    arguments: [
      (1, true, 1280), (80, true, 1280), (1203, true, 1280), (2, false, 1280), (2, true, 500),
    ])
  func worksInABrowser(classes: Int, boxes: Bool, width: Int) throws {
    let set = try HostileSet(classes: classes, boxes: boxes)
    _ = try set.inspect()
    let (verdict, complaints) = try Browser.inspect(set.page, width: width)
    #expect(complaints.isEmpty)
    #expect(verdict.hasSuffix("faults []"), "\(verdict)")
  }

  @Test func theTextListsTwentyDamagedSamples() throws {
    let set = try HostileSet(classes: 2, damaged: 23)
    let report = try DataCommands.inspect(DataLocation(set.folder.file("set"), layout: "voc"))
    #expect(report.damaged.count == 23)
    #expect(report.text.contains("\n… and 3 more\n"))
    #expect(report.text.split(separator: "\n").count { $0.hasPrefix("damaged: train cut") } == 20)
    #expect(report.text.hasSuffix("23 of 26 samples cannot be read\n"))
  }

  @Test func helpTellsEveryLayout() {
    let help = DataCommands.layoutHelp
    #expect(help.contains("    JPEGImages/"))
    for layout in layouts { #expect(help.contains("\n  \(layout.name): "), "\(layout.name)") }
    for line in help.split(separator: "\n") { #expect(line.count <= 78, "\(line)") }
  }
}
