"""Runs a program's test cases for ./lab test: the last line has the form of Check's summary."""

import sys
import unittest


def main():
    result = unittest.main(exit=False).result
    checks, failures, errors = result.testsRun, len(result.failures), len(result.errors)
    good = 100 * (checks - failures - errors) // checks if checks else 0
    print(f"{good}%: Checks: {checks}, Failures: {failures}, Errors: {errors}")
    sys.exit(0 if checks and result.wasSuccessful() else 1)
