"""All that is measured, in one run: `make bench`."""

from benchmarks import hub

if __name__ == "__main__":
    hub.main()
