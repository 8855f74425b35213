// swift-tools-version: 6.2
import PackageDescription

// Kernels are built for the machine that builds them. `ATHANOR_MARCH=x86-64-v2 swift build` makes a
// portable binary instead; the flag reaches Swift's own code generation through `-Xcc`.
let architecture = Context.environment["ATHANOR_MARCH"] ?? "native"
// `make fuzz` sets `ATHANOR_FUZZING`: every module then counts the branches that an input takes.
let isFuzzing = Context.environment["ATHANOR_FUZZING"] != nil
let fuzzed = ["-sanitize=fuzzer,address", "-enable-testing"]
let tuned: [SwiftSetting] =
  [.unsafeFlags(["-Xcc", "-march=\(architecture)"])] + (isFuzzing ? [.unsafeFlags(fuzzed)] : [])
// Numeric code in an unoptimised build is 10–100 times slower: these modules are always optimised.
let numeric: [SwiftSetting] =
  tuned + [.unsafeFlags(["-O"], .when(configuration: .debug))]
// OpenCV's own build never contracts a*b+c into one rounding; neither may ours.
let parityFlags = ["-ffp-contract=off", "-march=\(architecture)"]

/// The modules that each one can import: what it names and what those can import. All are handed to
/// SwiftPM, which rebuilds a target only where a module changes that it depends on by name.
nonisolated(unsafe) var reach: [String: [String]] = [:]

func reaching(_ names: [String]) -> [String] {
  Set(names + names.flatMap { reach[$0] ?? [] }).sorted()
}

/// One library module; its mirror under `Tests/` is made by `tests(of:)`.
func module(
  _ name: String, _ dependencies: [String], products: [Target.Dependency] = [],
  settings: [SwiftSetting] = tuned, resources: [Resource] = []
) -> Target {
  reach[name] = reaching(dependencies)
  return .target(
    name: name, dependencies: reach[name]!.map { .byName(name: $0) } + products,
    resources: resources, swiftSettings: settings)
}

func tests(
  of name: String, _ dependencies: [String] = [], support: [Target.Dependency] = [],
  exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: reaching([name] + dependencies).map { .byName(name: $0) } + support,
    exclude: exclude,
    swiftSettings: numeric)
}

let package = Package(
  name: "athanor",
  products: [
    .library(name: "Athanor", targets: ["Athanor"]),
    .library(name: "AthanorCLI", targets: ["AthanorCLI"]),
    .executable(name: "athanor", targets: ["AthanorCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C libraries.
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl")]),
    .target(name: "COpenMP", linkerSettings: [.linkedLibrary("gomp")]),
    .target(name: "CResources"),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg",
      providers: [.apt(["libturbojpeg0-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CSPNG", pkgConfig: "spng",
      providers: [.apt(["libspng-dev"]), .brew(["libspng"])]),
    .systemLibrary(
      name: "CWebP", pkgConfig: "libwebp", providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
    .target(name: "CTIFF", linkerSettings: [.linkedLibrary("tiff")]),

    // The house, bottom to top: each module imports only modules above it in this list.
    module("AthanorCore", [], products: [.product(name: "Yams", package: "Yams")]),
    module(
      "AthanorKernels", ["COneDNN", "COpenBLAS", "COpenMP", "CResources"], settings: numeric),
    module("AthanorTensor", ["AthanorCore", "AthanorKernels"], settings: numeric),
    module(
      "AthanorVision", ["AthanorCore", "AthanorKernels", "CTurboJPEG", "CSPNG", "CTIFF", "CWebP"],
      settings: numeric),
    module("AthanorData", ["AthanorTensor", "AthanorVision"]),
    module("AthanorNetworks", ["AthanorTensor"]),
    module("AthanorLosses", ["AthanorTensor"], settings: numeric),
    module("AthanorBalancing", ["AthanorTensor"]),
    module("AthanorMetrics", ["AthanorTensor"], settings: numeric),
    module("AthanorTasks", ["AthanorData", "AthanorNetworks", "AthanorLosses", "AthanorMetrics"]),
    module("AthanorTraining", ["AthanorTasks", "AthanorBalancing"]),
    module("Athanor", ["AthanorTraining"]),
    module("AthanorExperiment", ["AthanorTraining"]),
    module(
      "AthanorReport", ["AthanorExperiment"],
      resources: [.embedInCode("Resources/report.css"), .embedInCode("Resources/report.js")]),
    module("AthanorParity", ["AthanorVision", "AthanorLosses", "CppReference"]),
    module(
      "AthanorCLI", ["AthanorReport", "AthanorParity"],
      products: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
      resources: [
        .embedInCode("Resources/losses.py"), .embedInCode("Resources/pycocotools.py"),
      ]),
    // The folder is not called `athanor`: file systems that ignore case would take it for `Athanor`.
    .executableTarget(name: "AthanorCommand", dependencies: ["AthanorCLI"], swiftSettings: tuned),

    // The C++ reference over OpenCV. It also builds alone: `cmake -S cpp-reference -B build`.
    .target(
      name: "CppReference", path: "cpp-reference",
      exclude: ["CMakeLists.txt", "tests", "tool"],
      cxxSettings: [
        .unsafeFlags(["-isystem", "/usr/include/opencv4"] + parityFlags)
      ],
      linkerSettings: [
        .linkedLibrary("opencv_core"), .linkedLibrary("opencv_imgproc"),
        .linkedLibrary("opencv_imgcodecs"),
      ]),

    tests(of: "AthanorCore"),
    tests(of: "AthanorKernels"),
    tests(of: "AthanorTensor"),
    tests(of: "AthanorVision", ["CppReference"]),
    tests(of: "AthanorData"),
    tests(of: "AthanorNetworks"),
    tests(of: "AthanorLosses"),
    tests(of: "AthanorBalancing"),
    tests(of: "AthanorMetrics", exclude: ["Golden", "Python"]),
    tests(of: "AthanorTasks"),
    tests(of: "AthanorTraining"),
    tests(of: "AthanorExperiment", ["AthanorReport"], support: ["TestSupport"]),
    tests(of: "AthanorReport", support: ["TestSupport"]),
    tests(of: "AthanorParity"),
    tests(of: "Athanor"),
    tests(
      of: "AthanorCLI",
      support: [
        "TestSupport", "AthanorCommand",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(
      name: "TestSupport", dependencies: ["AthanorCore"], path: "Tests/TestSupport",
      swiftSettings: tuned),
  ],
  cxxLanguageStandard: .cxx17
)

if isFuzzing {
  package.targets.append(
    .executableTarget(
      name: "AthanorFuzz", dependencies: reaching(["AthanorCLI"]).map { .byName(name: $0) },
      path: "Tests/AthanorFuzz", swiftSettings: tuned,
      // The usual linker trips over the coverage tables.
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]))
}
