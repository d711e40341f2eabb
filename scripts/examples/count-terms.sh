#!/bin/sh
# A batch from a list of terms: for each term, the sections that have it, as a
# table for a spreadsheet, and how often it stands in all the texts.
#
#     scripts/examples/count-terms.sh TERMS FOLDER [OPTION…]
#
# TERMS has one term a line. FOLDER gets hits.csv, counts.csv and the manifest
# of the run. Further options go to both commands: --index, --year, --type …
set -eu

terms=$1
folder=$2
shift 2
mkdir -p "$folder"

# every term is quoted, so that it is found exactly as it stands; its own line number is the topic
sed 's/[[:space:]]*$//; s/["\\*?]/\\&/g; s/.\{1,\}/"&"/' "$terms" |
    policysearch batch - --format csv --bom -o "$folder/hits.csv" --manifest "$folder/manifest.json" "$@"
policysearch count --terms "$terms" --format csv --bom -o "$folder/counts.csv" "$@"
