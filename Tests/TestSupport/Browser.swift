import AthanorCore
import Foundation

/// A browser that looks at the pages we write.
package enum Browser {
  package static let path = program(["chromium", "chromium-browser", "google-chrome"])

  package static func program(_ names: [String]) -> String? {
    names.lazy.flatMap { name in ["/usr/bin/", "/usr/local/bin/"].map { $0 + name } }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Opens a page with the inspection in it: `figures N, sorted N, faults […]`, and what the
  /// browser complained of.
  package static func inspect(
    _ page: String, width: Int
  ) throws -> (verdict: String, complaints: [Substring]) {
    let html = try TextFile.read(page)
    try AtomicFile.write(html.replacing("</body>", with: inspection + "</body>"), to: page)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "")
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
      "--user-data-dir=\(page).profile", "--window-size=\(width),900", "--dump-dom",
      "file://\(page)",
    ]
    let log = "\(page).log"
    try AtomicFile.write("", to: log)
    process.standardError = FileHandle(forWritingAtPath: log)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let dom = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard let verdict = dom.firstMatch(of: #/<output>(.*)</output>/#)?.1 else {
      throw FileError(path: page, operation: "inspect", reason: "the browser gave no verdict")
    }
    let complaints = try TextFile.read(log).split(separator: "\n")
      .filter { $0.contains("CONSOLE") }
    return (String(verdict), complaints)
  }

  /// Clicks every heading twice and looks at every figure; the verdict is written into the page.
  private static let inspection = """
    <script>
    const faults = [];
    const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
    if (new Set(ids).size !== ids.length) faults.push("ids are not unique");
    for (const use of document.querySelectorAll("use")) {
      const link = use.getAttribute("href") || use.getAttribute("xlink:href");
      if (!document.querySelector(link)) faults.push("no " + link);
    }
    const figures = document.querySelectorAll("figure svg, img");
    for (const figure of figures) {
      const box = figure.getBoundingClientRect();
      if (box.width < 50 || box.height < 50) faults.push("an empty figure " + figure.id);
    }
    let sorted = 0;
    for (const table of document.querySelectorAll("table.data")) {
      const heads = [...table.tHead.rows].pop().cells;
      [...heads].forEach((head, column) => {
        const orders = [0, 1].map(() => {
          head.querySelector("button").click();
          const values = [...table.tBodies[0].rows].map(row => row.cells[column].dataset.value)
            .filter(value => value !== undefined).map(Number);
          const sign = head.getAttribute("aria-sort") === "ascending" ? 1 : -1;
          if (values.some((value, i) => i > 0 && sign * (value - values[i - 1]) < 0))
            faults.push("not sorted: " + head.textContent);
          return head.getAttribute("aria-sort");
        });
        if (orders[0] === orders[1] || orders.includes("none")) faults.push("not turned round");
        sorted += 1;
      });
    }
    if (document.documentElement.scrollWidth > innerWidth) faults.push("wider than the window");
    if (document.querySelector("[src^=http], link[href^=http]")) faults.push("a resource outside");
    document.body.append(Object.assign(document.createElement("output"), {
      textContent: `figures ${figures.length}, sorted ${sorted}, faults [${faults}]` }));
    </script>
    """
}
