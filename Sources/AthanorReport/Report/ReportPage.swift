import AthanorExperiment
import Foundation

/// The common parts of all report pages: frame, style, and the sorting of tables.
enum ReportPage {
  /// A page that needs no other file.
  static func page(title: String, lead: HTML, notes: [String], body: [HTML]) -> HTML {
    let list: HTML =
      notes.isEmpty ? "" : "<ul class=\"notes\">\(notes.map { "<li>\($0)</li>" as HTML })</ul>"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <link rel="icon" href="data:,">
      <title>\(title)</title>
      <style>\(HTML(markup: style))</style>
      </head>
      <body>
      <main>
      <header>
      <h1>\(title)</h1>
      <p class="lead">\(lead)</p>
      \(list)
      </header>
      \(body)
      </main>
      <script>\(HTML(markup: script))</script>
      </body>
      </html>

      """
  }

  /// A section under its heading; `id` is the target of links within the page.
  static func section(_ heading: String, id: String? = nil, _ body: HTML) -> HTML {
    let id = id.map { " id=\"\($0)\"" as HTML } ?? ""
    return "<section\(id)>\n<h2>\(heading)</h2>\n\(body)\n</section>"
  }

  /// A picture embedded in the page.
  static func picture(jpeg bytes: [UInt8], alt: String) -> HTML {
    let data = HTML(markup: Data(bytes).base64EncodedString())
    return "<img src=\"data:image/jpeg;base64,\(data)\" alt=\"\(alt)\">"
  }

  /// Colours are CSS variables, which figures use too; readers who prefer dark mode get the dark
  /// ones.
  static let style = """
    :root {
      color-scheme: light dark;
      --paper: #fdfdfb; --text: #1c1e21; --soft: #5d636b; --rule: #dcdcd6; --wash: #f3f3ee;
      --accent: #0b5c8f;
      --series-0: #0072b2; --series-1: #d55e00; --series-2: #00885f; --series-3: #b8588c;
      --series-4: #b87d00; --series-5: #3a94c9; --series-6: #868686; --series-7: #111111;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #16181b; --text: #e4e5e1; --soft: #a1a6ad; --rule: #34383d; --wash: #1f2226;
        --accent: #7cc0ec;
        --series-0: #4ea8e3; --series-1: #f5854a; --series-2: #33c796; --series-3: #e29cc3;
        --series-4: #efb73e; --series-5: #8fd3fa; --series-6: #8f9399; --series-7: #f4f4f4;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0; background: var(--paper); color: var(--text);
      font: 16px/1.55 Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif;
    }
    main { max-width: 72rem; margin: 0 auto; padding: 2.5rem 1.25rem 5rem; }
    h1 { font-size: 2rem; line-height: 1.2; font-weight: 600; margin: 0 0 .4rem; \
    overflow-wrap: anywhere; }
    h2 {
      font-size: 1.3rem; font-weight: 600; margin: 3rem 0 .9rem; padding-top: .8rem;
      border-top: 1px solid var(--rule);
    }
    h3 { font-size: 1.02rem; font-weight: 600; margin: 1.8rem 0 .4rem; }
    p { max-width: 46rem; margin: .5rem 0; }
    .lead { color: var(--soft); font-size: 1.08rem; }
    .notes { max-width: 46rem; margin: 1rem 0 0; padding: .6rem 1rem .6rem 2rem; \
    background: var(--wash);
      border-left: 3px solid var(--accent); font-size: .93rem; overflow-wrap: anywhere; }
    .caption, figcaption { color: var(--soft); font-size: .88rem; line-height: 1.45; \
    max-width: 50rem; }
    .scroll { overflow-x: auto; }
    .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    table, .legend, figcaption b, dl, pre, .panels figcaption {
      font-family: ui-sans-serif, system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif;
    }
    table.data {
      border-collapse: collapse; min-width: 100%; font-size: .84rem; line-height: 1.35;
      font-variant-numeric: tabular-nums; border-top: 1.5px solid var(--text);
      border-bottom: 1.5px solid var(--text);
    }
    table.data th, table.data td { padding: .34rem .5rem; text-align: left; \
    vertical-align: baseline;
      white-space: nowrap; }
    table.data thead th { white-space: normal; vertical-align: bottom; }
    table.data th:first-child, table.data td:first-child { padding-left: .2rem; }
    table.data .number { text-align: right; }
    table.data thead tr:last-child th { border-bottom: 1px solid var(--text); font-weight: 600; }
    table.data .groups td { padding-bottom: .1rem; color: var(--soft); }
    table.data td.group { text-align: center; font-style: italic; min-width: 0; }
    table.data tbody tr + tr td { border-top: 1px solid var(--rule); }
    table.data tbody tr:hover td { background-color: var(--wash); }
    table.data td:not(.number) { white-space: normal; min-width: 8rem; }
    table.data td.empty { min-width: 0; }
    .sd { color: var(--soft); font-weight: 400; }
    th button { all: unset; cursor: pointer; }
    th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
    th button { position: relative; }
    th button::after { content: "↕"; opacity: 0; position: absolute; left: 100%; padding-left: .1em;
      font-weight: 400; }
    th.number button::after { left: auto; right: 100%; padding: 0 .1em 0 0; }
    th button:hover::after { opacity: .45; }
    th[aria-sort="ascending"] button::after { content: "↑"; opacity: 1; }
    th[aria-sort="descending"] button::after { content: "↓"; opacity: 1; }
    figure { margin: 0; }
    figure.wide { max-width: 50rem; margin: 0 auto 2rem; }
    figure svg { display: block; width: 100%; height: auto; color: var(--text);
      font-family: ui-sans-serif, system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
    figure.wide svg { min-width: 34rem; }
    .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; \
    margin: .4rem 0 .6rem;
      padding: 0; font-size: .84rem; }
    .mark { display: inline-block; width: 1.1em; text-align: center; }
    .line { display: inline-block; width: 1.4em; height: 2px; vertical-align: middle; \
    margin-right: .3em; }
    .panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(16.5rem, 1fr));
      gap: 1rem 1.2rem; }
    .panels figcaption { text-align: center; font-size: .82rem; }
    table.pictures { border-collapse: separate; border-spacing: .35rem; font-size: .84rem; }
    table.pictures th { text-align: left; font-weight: 400; min-width: 7.5rem; max-width: 10rem;
      position: sticky; left: 0; background: var(--paper); padding-right: .4rem; }
    table.pictures img { display: block; width: 13rem; height: auto; }
    .tall { max-height: 34rem; overflow: auto; }
    .tall thead { position: sticky; top: 0; background: var(--paper); z-index: 1; }
    td.bar { background: linear-gradient(var(--bar-color), var(--bar-color)) no-repeat
      right .3rem bottom 2px / calc((100% - .6rem) * var(--bar)) 3px;
      --bar-color: var(--series-0); }
    .swatch { display: inline-block; width: .85em; height: .85em; margin-right: .45em;
      vertical-align: -.08em; border: 1px solid var(--soft); border-radius: 2px; }
    .links { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; list-style: none; padding: 0;
      margin: 1rem 0 0; font: .88rem/1.6 ui-sans-serif, system-ui, "Segoe UI", Roboto,
      Helvetica, Arial, sans-serif; }
    a { color: var(--accent); }
    .thumbs { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr));
      gap: 1rem .9rem; align-items: start; margin: .8rem 0 0; }
    .thumbs img { display: block; width: 100%; height: auto; background: var(--wash); }
    .thumbs figcaption { font: .78rem/1.35 ui-sans-serif, system-ui, "Segoe UI", Roboto,
      Helvetica, Arial, sans-serif; margin-top: .25rem; overflow-wrap: anywhere; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; \
    font-size: .88rem; }
    dt { color: var(--soft); }
    dd { margin: 0; overflow-wrap: anywhere; }
    pre { font: .82rem/1.45 ui-monospace, "SF Mono", Menlo, Consolas, monospace; \
    background: var(--wash);
      padding: .9rem 1.1rem; overflow-x: auto; }
    summary { cursor: pointer; margin-top: 1rem; }
    @media (max-width: 40rem) {
      main { padding: 1.4rem .9rem 3rem; }
      h1 { font-size: 1.55rem; }
      table.pictures img { width: 10rem; }
      table.pictures th { min-width: 5.5rem; }
      .thumbs { grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); }
      dl { grid-template-columns: 1fr; gap: 0; }
      dd { margin-bottom: .5rem; }
    }
    @media print { main, .tall { max-width: none; max-height: none; }
      figure { break-inside: avoid; } }

    """

  /// A click or key press on a heading sorts its table: numbers from the largest, text from A; a
  /// second one reverses the order. Missing values stay at the end.
  static let script = """
    for (const table of document.querySelectorAll("table.data")) {
      const heads = [...table.tHead.rows].pop().cells;
      [...heads].forEach((head, column) => head.querySelector("button").onclick = () => {
        const was = head.getAttribute("aria-sort");
        const first = head.classList.contains("number") ? "descending" : "ascending";
        const other = first === "ascending" ? "descending" : "ascending";
        const order = was === first ? other : first;
        for (const each of heads) each.setAttribute("aria-sort", each === head ? order : "none");
        const key = row => {
          const cell = row.cells[column];
          if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
          return cell.textContent === "–" ? null : cell.textContent;
        };
        const compare = (a, b) => typeof a === "number" && typeof b === "number"
          ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
        const sign = order === "ascending" ? 1 : -1;
        const rows = [...table.tBodies[0].rows].map(row => [key(row), row]);
        rows.sort(([a], [b]) => a === null || b === null
          ? (a === null) - (b === null) : sign * compare(a, b));
        table.tBodies[0].append(...rows.map(([, row]) => row));
      });
    }

    """
}
