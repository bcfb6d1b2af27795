"""How customers come in: files, their columns, their cells, and the rows that are made of them."""
