import AthanorCore

/// Runs `work`; an error about one of the named parameters is reported under the option's name:
/// `out` becomes `--out`.
func namingOptions<Result>(_ names: String..., work: () throws -> Result) throws -> Result {
  do {
    return try work()
  } catch var error as SettingsError where error.file == nil && names.contains(error.key) {
    error.key = "--\(error.key)"
    throw error
  }
}
