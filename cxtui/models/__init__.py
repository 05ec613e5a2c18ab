"""The entities: frozen dataclasses in which every field is defined once, with column, limits, label, help and tab."""
