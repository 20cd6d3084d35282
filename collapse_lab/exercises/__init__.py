"""The checks behind the exercises: one module a chapter, `chapter01`, `chapter02`, ...

Each module holds ``EXERCISES``, a mapping from exercise id to `collapse_lab.checks.Exercise`.
"""
