extension Settings {
  /// The keys and values of an encodable value, in order of declaration; `nil` is written as null.
  public static func entries(of value: some Encodable) throws -> [Entry] { [] }

  /// Decodes options from the given entries, the rest taking the type's defaults.
  ///
  /// Throws `SettingsError` for an unknown key (with the nearest known one) or a wrong type.
  public static func options<T: Codable & DefaultInitializable>(
    _ type: T.Type, from given: [Entry], at key: String
  ) throws -> T { T() }

  /// This tree with the values of `other` in place of its own; a key this tree lacks is an error.
  public func merged(with other: Settings, at key: String) throws -> Settings { self }
}
