"""The reference edge: a small program for any Linux host that speaks to door 4 and knows no part of the portal."""
