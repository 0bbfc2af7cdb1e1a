"""Files that fmd_nb ships; README.md beside this file lists them."""
