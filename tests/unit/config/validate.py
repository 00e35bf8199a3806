"""validate.py FILE: reads {"schema": …, "documents": […]}, prints one line for each
document: what is wrong with it by the schema (draft 7), empty when nothing is."""
import json
import sys

import jsonschema

given = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(given["schema"])
validator = jsonschema.Draft7Validator(given["schema"])
for document in given["documents"]:
    first = next(validator.iter_errors(document), None)
    where = "" if first is None else "/" + "/".join(map(str, first.absolute_path)) + ": " + first.message
    print(where.replace("\n", " "))
