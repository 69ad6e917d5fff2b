"""Baselines: what the lists are compared with, from chance to the strongest tools in use.

Each is a function from a blog and a length to lists. Those that imitate another program
reach that program's measured figures on three real blogs within .02 of nDCG@10; a test
holds them to it.
"""
