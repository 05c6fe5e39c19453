#!/usr/bin/env python3
"""Lists the public interface of each crate, as `tests/data/interface` records it.

Needs a nightly compiler and cargo-public-api. Without arguments compares; with `--update` records.
Trait implementations are not listed, and variants and guides are not counted.
"""

import pathlib
import re
import subprocess
import sys

PACKAGES = ["csp-multichannel", "csp-multichannel-guidance", "csp-multichannel-rulebook", "csp-partner-center"]
FOLDER = pathlib.Path(__file__).parent.parent / "tests/data/interface"

# Paths that say nothing to a reader: `core::option::Option` is `Option`.
PATHS = re.compile(r"\b(?:[a-z_]+::)+(?=[A-Z])")


def listing(package):
    command = ["cargo", "+nightly", "public-api", "-p", package, "--all-features", "-sss"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    crate = package.replace("-", "_")
    groups, free, group, inherent = {}, [], None, True
    for line in lines:
        line = line.removeprefix("#[non_exhaustive] ")
        if re.match(r"(unsafe )?impl\b", line):
            inherent = " for " not in re.sub(r"for<'\w+>", "", line)
            continue
        line = line.removeprefix("pub ")
        if re.match(r"(mod|use)\b", line):
            if "::guide" not in line and line != f"mod {crate}":
                free.append(PATHS.sub("", line.replace(f"{crate}::", "")))
            continue
        if head := re.match(rf"(struct|enum|trait|union) {crate}::(?:\w+::)*(\w+)", line):
            group, inherent = head[2], True
            groups[group] = (head[1], [], [])
            continue
        plain = PATHS.sub("", line.replace(f"{crate}::", ""))
        if re.match(rf"(macro|type|const|static|(const )?fn) {crate}::(?!\w*::)(?![A-Z]\w*(<[^>]*>)?::)", line):
            free.append(plain)
        elif group and inherent:
            _, members, variants = groups[group]
            member = re.sub(rf"\b{group}(<[^>]*>)?::", "", plain, count=1)
            is_variant = groups[group][0] == "enum" and re.match(r"[A-Z]\w*(?![\w:])(?!: )", member)
            (variants if is_variant and "fn " not in member else members).append(member)
    count = len(free) + sum(1 + len(members) for _, members, _ in groups.values())
    text = [f"{package}: {count} items", ""]
    text += sorted(free) + [""]
    for name, (kind, members, variants) in sorted(groups.items()):
        text.append(f"{kind} {name}" + (": " + ", ".join(variants) if variants else ""))
        text += ["    " + member for member in members]
    return "\n".join(text) + "\n"


changed = False
for package in PACKAGES:
    text, path = listing(package), FOLDER / f"{package}.txt"
    if "--update" in sys.argv:
        FOLDER.mkdir(exist_ok=True)
        path.write_text(text)
    elif not path.exists() or path.read_text() != text:
        changed = True
        print(f"the interface of {package} is not the recorded one: .ci/interface.py --update", file=sys.stderr)
sys.exit(changed)
