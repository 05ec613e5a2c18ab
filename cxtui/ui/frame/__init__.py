"""The frame round the tabs: status line, tab bar, and the search from anywhere."""
