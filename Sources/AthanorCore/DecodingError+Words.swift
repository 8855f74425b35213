extension DecodingError {
  /// What is wrong, without where.
  public var problem: String { context?.debugDescription ?? "\(self)" }

  /// What is wrong, and the dotted path of the key where it is.
  public var inWords: String {
    let path = context?.codingPath.map(\.stringValue).joined(separator: ".") ?? ""
    return path.isEmpty ? problem : "at \(path): \(problem)"
  }

  private var context: Context? {
    switch self {
    case .dataCorrupted(let context), .keyNotFound(_, let context),
      .typeMismatch(_, let context), .valueNotFound(_, let context):
      context
    @unknown default: nil
    }
  }
}
