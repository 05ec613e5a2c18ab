"""Forms: made from the fields of an entity, checked while typing, saved through its service."""
