"""The console: Textual app, commands, panes, widgets, screens and styles. It talks to services only."""
