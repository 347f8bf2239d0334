#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Print the requests of the netlink family, from its specification, as a C table:
what the fuzzer in the virtual machine calls a well-formed request."""

import sys
from pathlib import Path

import yaml

SPEC = Path(__file__).resolve().parents[3] / "Documentation/netlink/specs/smpair.yaml"
LENGTHS = {"u32": "4", "s32": "4", "u64": "8", "flag": "0", "nest": "16", "string": "8"}


def const(*words):
    return "_".join(words).upper().replace("-", "_")


def main():
    with open(SPEC, encoding="utf-8") as source:
        spec = yaml.safe_load(source)
    sets = {s["name"]: {a["name"]: a for a in s["attributes"]} for s in spec["attribute-sets"]}
    print("/* SPDX-License-Identifier: GPL-2.0 */")
    print("/* Made by grammar.py from the netlink specification. */")
    print("static const struct request requests[] = {")
    for op in spec["operations"]["list"]:
        for how in ("do", "dump"):
            if how not in op:
                continue
            attrs = []
            for name in op[how].get("request", {}).get("attributes", []):
                attr = sets[op["attribute-set"]][name]
                exact = attr.get("checks", {}).get("exact-len")
                length = const("smpair", exact) if exact else LENGTHS.get(attr["type"], "64")
                value = "VALUE_KEY" if attr["type"] == "s32" else \
                    "VALUE_DEV" if name in ("dev-id",) or op["name"] == "dev-get" else "VALUE_ANY"
                attrs.append(f"{{ {const('smpair_a', op['attribute-set'], name)}, {length}, {value} }}")
            flags = "NLM_F_DUMP" if how == "dump" else "0"
            print(f"\t{{ {const('smpair_cmd', op['name'])}, {flags}, {len(attrs)}, "
                  f"{{ {', '.join(attrs) or '{ 0 }'} }} }},")
    print("};")
    return 0


if __name__ == "__main__":
    sys.exit(main())
