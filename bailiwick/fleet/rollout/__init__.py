"""An image goes to the edges of an operator profile in waves: a few first, then the rest, until it halts by itself."""
