import ArgumentParser

/// How commands handle an output folder that holds other files.
struct OverwritingOptions: ParsableArguments {
  @Flag(help: "Replace files that athanor did not write; inputs never are.") var force = false
}
