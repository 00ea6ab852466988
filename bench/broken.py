# What ends a run, or one question of it, in a line for whoever runs it.


class Broken(Exception):
    """`[where] the rule. Got <value>.` and the cure."""
