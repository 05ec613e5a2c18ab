"""Sample customers, an attack for the eyes of a newcomer, and a database of any size to measure on."""
