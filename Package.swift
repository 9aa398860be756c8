// swift-tools-version: 6.2
import PackageDescription

/// Every Swift room is held to the same rules: language mode 6, strict memory safety, no warnings.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
]

/// A C library of the system, found by pkg-config, behind a module map and a `shim.h`.
func door(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

func room(
    _ name: String, _ imports: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .target(name: name, dependencies: imports, resources: resources, swiftSettings: house)
}

func tests(_ name: String, _ imports: [Target.Dependency] = []) -> Target {
    .testTarget(name: name + "Tests", dependencies: imports, swiftSettings: house)
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "unbraid",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "unbraid", targets: ["unbraid"]),
        .executable(name: "unbraid-bench", targets: ["unbraid-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        door("CSndFile", pkgConfig: "sndfile", apt: "libsndfile1-dev", brew: "libsndfile"),
        door("CSoXR", pkgConfig: "soxr", apt: "libsoxr-dev", brew: "libsoxr"),
        door("CFFTW", pkgConfig: "fftw3f", apt: "libfftw3-dev", brew: "fftw"),
        door("CFFTWDouble", pkgConfig: "fftw3", apt: "libfftw3-dev", brew: "fftw"),
        door("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev", brew: "openssl@3"),
        door("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev", brew: "zlib"),
        door("CEBUR128", pkgConfig: "libebur128", apt: "libebur128-dev", brew: "libebur128"),
        door("CPNG", pkgConfig: "libpng", apt: "libpng-dev", brew: "libpng"),
        .target(name: "COpenBLAS"),
        .target(name: "CKernels"),

        // Sound flows from left to right; an import only ever points left or down.
        room("Signal"),
        room("Storage", ["CCrypto"]),
        room("Processes", ["Storage"]),
        room("AudioIO", ["Signal", "Storage", "Processes", "CSndFile", "CSoXR"]),
        room("Spectral", ["Signal", "CFFTW"]),
        room("Inference", ["COpenBLAS", "CKernels"]),
        room("Models", ["Signal", "Storage", "Inference"]),
        room("Import", ["Storage", "Signal", "Inference", "Models", "CZlib"]),
        room("Evaluation", ["Storage", "AudioIO", "Inference", "COpenBLAS", "CFFTWDouble"]),
        room("Separation", ["Signal", "Spectral", "Models"]),
        room(
            "Reports", ["Signal", "Spectral", "CPNG", "CEBUR128"],
            resources: [
                "page.css", "sound.js", "files.js", "lanes.js", "track.js", "index.css", "index.js",
            ].map {
                .embedInCode("Page/Assets/\($0)")
            }),
        room(
            "Batch",
            ["Signal", "Storage", "Processes", "AudioIO", "Reports", "Models", "Separation"]),
        .executableTarget(
            name: "unbraid",
            dependencies: [
                "Signal", "Storage", "Processes", "AudioIO", "Reports", "Inference", "Models",
                "Import", "Batch", "Evaluation", argumentParser,
            ],
            swiftSettings: house),
        .executableTarget(
            name: "unbraid-bench",
            dependencies: [
                "Signal", "Storage", "Inference", "Models", "Batch", argumentParser,
            ],
            path: "Benchmarks/unbraid-bench", swiftSettings: house),

        .target(
            name: "TestSupport", dependencies: ["Signal", "Storage", "Models"],
            path: "Tests/TestSupport", swiftSettings: house),
        tests("Signal", ["Signal"]),
        tests("Storage", ["Storage", "TestSupport"]),
        tests("Processes", ["Processes", "Storage", "TestSupport"]),
        tests("AudioIO", ["AudioIO", "Signal", "Storage", "TestSupport"]),
        tests("Spectral", ["Spectral", "Signal", "TestSupport"]),
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        tests("Inference", ["Inference", "CKernels", "CAllocationCount"]),
        tests("Models", ["Models", "Signal", "Storage", "Inference", "TestSupport"]),
        tests(
            "Import", ["Import", "Signal", "Storage", "Inference", "Models", "TestSupport"]),
        tests(
            "Evaluation", ["Evaluation", "AudioIO", "Storage", "Inference", "TestSupport"]),
        tests("Reports", ["Reports", "CZlib", "CEBUR128", "TestSupport"]),
        tests("Separation", ["Separation", "Signal", "Storage", "Models", "TestSupport"]),
        tests(
            "Batch",
            [
                "Batch", "Signal", "Storage", "AudioIO", "Reports", "Models", "Separation",
                "TestSupport",
            ]),
        tests("Command", ["Storage", "TestSupport"]),
        .target(
            name: "FuzzTargets",
            dependencies: ["Storage", "AudioIO", "Inference", "Models", "Batch"],
            path: "Tests/Fuzz/Targets", swiftSettings: house),
        .testTarget(
            name: "FuzzTests", dependencies: ["FuzzTargets", "Storage", "TestSupport"],
            path: "Tests/Fuzz/Replay", swiftSettings: house),
    ],
    cLanguageStandard: .c17
)

// The fuzzer links with a run-time library that only its own build has; `scripts/fuzz` sets this.
if Context.environment["UNBRAID_FUZZER"] != nil {
    package.targets += [
        .target(name: "CLibFuzzer", path: "Tests/Fuzz/CLibFuzzer"),
        .executableTarget(
            name: "unbraid-fuzz", dependencies: ["CLibFuzzer", "FuzzTargets", "Storage"],
            path: "Tests/Fuzz/Driver", swiftSettings: house),
    ]
}
