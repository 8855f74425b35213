"""Appends the rows of `athanor parity --only label_map --json` to ladder.tsv."""
import json
import sys

with open("ladder.tsv", "a") as file:
    for row in json.load(sys.stdin)["results"]:
        assert row["identical"]
        width, height = map(int, row["size"].split("x"))
        threads = f"{row['threads']} thread" + ("s" if row["threads"] > 1 else "")
        for side, ms in (
            ("C++ reference, hash", row["referenceMs"]),
            ("Swift, vectors", row["swiftMs"]),
        ):
            line = f"{side}, {threads}\t{ms:.3f}\t{1e6 * ms / (width * height):.3f}"
            print(line.expandtabs(36))
            print(line, file=file)
