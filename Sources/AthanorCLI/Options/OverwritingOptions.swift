import ArgumentParser

/// What commands do where their output is a folder that holds other files.
struct OverwritingOptions: ParsableArguments {
  @Flag(help: "Replace files that athanor did not write; inputs never are.") var force = false
}
