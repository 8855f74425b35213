import AthanorCore

/// Images side by side in rows, each with a caption below it.
public struct ContactSheet: Sendable {
  /// Images in a row.
  public var columns: Int
  /// Pixels between images and around the sheet.
  public var gap = 8
  public var background: [UInt8] = [255, 255, 255]
  public var ink: [UInt8] = [32, 32, 32]
  /// Pixels per dot of the captions.
  public var textScale = 1
  private var cells: [(image: Image, caption: String)] = []

  public init(columns: Int) {
    precondition(columns > 0, "ContactSheet: \(columns) columns")
    self.columns = columns
  }

  /// Adds the next image. Captions are cut at the width of their column.
  public mutating func add(_ image: Image, caption: String = "") {
    cells.append((image.asRGB(), caption))
  }

  /// The sheet: columns as wide and rows as high as their largest image.
  public func render() -> Image {
    let columns = min(columns, max(1, cells.count))
    let rowCount = (cells.count + columns - 1) / columns
    var widths = [Int](repeating: 0, count: columns)
    var heights = [Int](repeating: 0, count: rowCount)
    for (i, cell) in cells.enumerated() {
      widths[i % columns] = max(widths[i % columns], cell.image.width)
      heights[i / columns] = max(heights[i / columns], cell.image.height)
    }
    let captions = (0..<rowCount).map { row in
      let texts = cells[(row * columns)..<min(cells.count, (row + 1) * columns)].map(\.caption)
      let tallest = texts.filter { !$0.isEmpty }
        .map { Image.textSize($0, scale: textScale).height }.max()
      return tallest.map { $0 + gap / 2 } ?? 0
    }
    var sheet = Image(
      width: widths.reduce(gap) { $0 + $1 + gap },
      height: zip(heights, captions).reduce(gap) { $0 + $1.0 + $1.1 + gap }, channels: 3)
    sheet.fillRectangle(x: 0, y: 0, width: sheet.width, height: sheet.height, color: background)
    var y = gap
    for row in 0..<rowCount {
      var x = gap
      for column in 0..<columns where row * columns + column < cells.count {
        let cell = cells[row * columns + column]
        sheet.paste(cell.image, x: x, y: y)
        sheet.drawText(
          fitted(cell.caption, widths[column]), x: x, y: y + heights[row] + gap / 2, color: ink,
          scale: textScale)
        x += widths[column] + gap
      }
      y += heights[row] + captions[row] + gap
    }
    return sheet
  }

  private func fitted(_ caption: String, _ width: Int) -> String {
    let limit = max(1, (width + 1) / (BitmapFont.advance * textScale))
    return caption.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.count <= limit ? String($0) : $0.prefix(max(0, limit - 2)) + ".." }
      .joined(separator: "\n")
  }
}
