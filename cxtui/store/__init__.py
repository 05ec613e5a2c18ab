"""The database: engine, migrations, windows for the grids, search, change watch and transactions."""
