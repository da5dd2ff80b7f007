"""The words of the phantom's reports."""
