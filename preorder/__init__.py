"""
The rules of an open PO: plain values in, a value or an error out. No files, no clock, no environment, no framework.
"""
