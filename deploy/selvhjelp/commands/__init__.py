"""
The commands of `selvhjelp`, one module each: the module's name is the command's, its function `run` is what it does.

A module is imported only when its command is used, so that no command waits for another's libraries.
"""
