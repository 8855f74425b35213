import AthanorCore

/// Runs `work`; what it says is wrong with one of the parameters is said of the option of its name:
/// `out` becomes `--out`.
func namingOptions<Result>(_ names: String..., work: () throws -> Result) throws -> Result {
  do {
    return try work()
  } catch var error as SettingsError where error.file == nil && names.contains(error.key) {
    error.key = "--\(error.key)"
    throw error
  }
}
