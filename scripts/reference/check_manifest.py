"""Validates each line of a manifest against the schema beside the documentation.

    check_manifest.py SCHEMA MANIFEST...
"""

import json
import sys

import jsonschema


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    lines = faults = 0
    seen = set()
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                entry = json.loads(line)
                lines += 1
                seen.add(entry.get("status"))
                for error in validator.iter_errors(entry):
                    faults += 1
                    print(f"{path}:{number}: {error.json_path}: {error.message}")
                # A schema that takes anything would show nothing: without a field it must refuse.
                del entry["settings"]
                if validator.is_valid(entry):
                    faults += 1
                    print(f"{path}:{number}: the schema does not miss a field")
    if seen != {"done", "failed"}:
        faults += 1
        print(f"the manifests have only tracks that are {seen}")
    print(f"{lines} lines, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
