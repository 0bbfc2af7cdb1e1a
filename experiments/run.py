"""Measure what is missing in data/results, by name or all of it.

    python experiments/run.py --photos FOLDER             everything
    python experiments/run.py --photos FOLDER strong_16   one table, again with --again
    python experiments/run.py --list

The folder holds labelled photos in the NIPS 2017 layout (images.csv beside images/); faces and detection need none.
"""
import argparse
import sys

import adversaries
import attention
import baselines
import detectors
import faces
import peers
import photos
import variants
from runner import run

from fmd_nb.support.executors import here, ray

MODULES = (variants, baselines, attention, adversaries, faces, detectors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="tables to measure; none: all that are not complete")
    parser.add_argument("--photos", default="", help="folder with images.csv and images/")
    parser.add_argument("--nets", default="", help="folder of TensorFlow Lite classifiers, queried as well")
    parser.add_argument("--ray", help="measure cells on Ray: local, or HOST:PORT of a cluster that sees the same files")
    parser.add_argument("--again", action="store_true", help="measure again what is there already")
    parser.add_argument("--list", action="store_true", help="list the tables")
    args = parser.parse_args()
    known = {e.name: e for module in (photos, peers) for e in module.experiments(args.photos, args.nets)}
    known |= {e.name: e for module in MODULES for e in module.experiments(args.photos)}
    if unknown := set(args.names) - set(known):
        sys.exit(f"unknown {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    executor = ray(args.ray) if args.ray else here
    for name in [] if args.list else args.names or known:
        run(known[name], args.again, executor)
    if args.list:
        print(*known, sep="\n")


if __name__ == "__main__":
    main()
