"""The verbs of the shell: the same services as the console, as text and as JSON."""
