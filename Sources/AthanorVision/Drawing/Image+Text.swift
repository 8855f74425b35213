extension Image {
  /// The pixels that `text` takes; lines are separated by newlines.
  public static func textSize(_ text: String, scale: Int = 1) -> (width: Int, height: Int) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let longest = lines.map(\.count).max() ?? 0
    return (
      max(0, longest * BitmapFont.advance - 1) * scale,
      ((lines.count - 1) * BitmapFont.lineHeight + BitmapFont.height) * scale
    )
  }

  /// Draws ASCII text with its upper left corner at (`x`, `y`), each dot `scale` pixels wide.
  public mutating func drawText(
    _ text: String, x: Int, y: Int, color: [UInt8] = Colors.black, scale: Int = 1
  ) {
    var top = y
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var left = x
      for character in line {
        for (row, dots) in BitmapFont.rows(of: character).enumerated() where dots != 0 {
          for column in 0..<BitmapFont.width where dots >> UInt8(4 - column) & 1 == 1 {
            fillRectangle(
              x: left + column * scale, y: top + row * scale, width: scale, height: scale,
              color: color)
          }
        }
        left += BitmapFont.advance * scale
      }
      top += BitmapFont.lineHeight * scale
    }
  }
}
