extension JSON {
  /// An encodable value as JSON: keys in order of declaration, `nil` as null.
  public init(encoding value: some Encodable) throws { self.init(try Settings(encoding: value)) }

  /// The tree as JSON; a selection is its name, or an object with the key `name`.
  public init(_ settings: Settings) {
    func object(_ entries: [Settings.Entry]) -> JSON {
      .object(entries.map { Member($0.key, JSON($0.value)) })
    }
    self =
      switch settings {
      case .null: .null
      case .bool(let value): .bool(value)
      case .integer(let value): .integer(value)
      case .number(let value): .number(value)
      case .string(let value): .string(value)
      case .list(let items): .array(items.map { JSON($0) })
      case .map(let entries), .dictionary(let entries): object(entries)
      case .selection(let name, let options):
        options.isEmpty
          ? .string(name) : object([Settings.Entry("name", .string(name))] + options)
      }
  }
}
